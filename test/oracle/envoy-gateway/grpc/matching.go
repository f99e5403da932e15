// Package judge makes gRPC's own reading of xDS usable: its packages are internal to google.golang.org/grpc. gRPC chooses
// a virtual host and matches headers as Envoy does (gRFC A28).
package judge

import (
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/grpc/internal/xds/matcher"
	"google.golang.org/grpc/internal/xds/xdsclient/xdsresource"
	"google.golang.org/grpc/metadata"
)

// VirtualHost is the one whose domain fits the host best; nil where none does.
func VirtualHost(host string, of *routev3.RouteConfiguration) *routev3.VirtualHost {
	hosts := make([]*xdsresource.VirtualHost, len(of.GetVirtualHosts()))
	for i, each := range of.GetVirtualHosts() {
		hosts[i] = &xdsresource.VirtualHost{Domains: each.GetDomains()}
	}
	found := xdsresource.FindBestMatchingVirtualHost(host, hosts)
	for i, each := range hosts {
		if each == found {
			return of.GetVirtualHosts()[i]
		}
	}
	return nil
}

// Text says whether a text is what a matcher wants. A regular expression binds the whole of it.
func Text(wanted *matcherv3.StringMatcher, text string) (bool, error) {
	made, err := matcher.StringMatcherFromProto(wanted)
	if err != nil {
		return false, err
	}
	return made.Match(text), nil
}

// Header says whether the request's headers, by names in small letters, are what a matcher wants.
func Header(wanted *routev3.HeaderMatcher, headers map[string][]string) (bool, error) {
	made, err := matcher.StringMatcherFromProto(wanted.GetStringMatch())
	if err != nil {
		return false, err
	}
	name, inverted := wanted.GetName(), wanted.GetInvertMatch()
	return matcher.NewHeaderStringMatcher(strings.ToLower(name), made, inverted).Match(metadata.MD(headers)), nil
}
