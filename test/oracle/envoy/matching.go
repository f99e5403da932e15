package envoy

import (
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/grpc/internal/xds/matcher"
	"google.golang.org/grpc/internal/xds/xdsclient/xdsresource"
	"google.golang.org/grpc/metadata"
)

// gRPC chooses a virtual host and matches headers as Envoy does (gRFC A28).

// virtualHost is the one whose domain fits the host best; nil where none does.
func virtualHost(host string, of *routev3.RouteConfiguration) *routev3.VirtualHost {
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

// matchesText says whether a text is what a matcher wants. A regular expression binds the whole of it.
func matchesText(wanted *matcherv3.StringMatcher, text string) (bool, error) {
	made, err := matcher.StringMatcherFromProto(wanted)
	if err != nil {
		return false, err
	}
	return made.Match(text), nil
}

// matchesHeader says whether the request's headers, by names in small letters, are what a matcher wants.
func matchesHeader(wanted *routev3.HeaderMatcher, headers map[string][]string) (bool, error) {
	made, err := matcher.StringMatcherFromProto(wanted.GetStringMatch())
	if err != nil {
		return false, err
	}
	name, inverted := wanted.GetName(), wanted.GetInvertMatch()
	return matcher.NewHeaderStringMatcher(strings.ToLower(name), made, inverted).Match(metadata.MD(headers)), nil
}
