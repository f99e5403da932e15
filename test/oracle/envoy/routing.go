// Package envoy says what Envoy does with a request under the configuration that it was sent. Where gRPC reads xDS as
// Envoy does, its own code decides; that is internal to google.golang.org/grpc, hence this module's name.
package envoy

import (
	"fmt"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
)

// What Envoy 1.39 does with a request under the configuration that it was sent. Envoy itself is C++ and can't be called
// from here, so this file reads the configuration by Envoy's documentation and source:
//
//	api/envoy/config/listener/v3/listener_components.proto   FilterChainMatch
//	api/envoy/config/route/v3/route_components.proto          VirtualHost.domains, RouteMatch, RouteAction, RedirectAction,
//	                                                          WeightedCluster, HeaderMatcher, QueryParameterMatcher
//	api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
//	                                                          normalize_path, merge_slashes, path_with_escaped_slashes_action
//	source/common/http/path_utility.cc, conn_manager_utility.cc (maybeNormalizePath), utility.cc (newUri)
//	source/common/router/config_impl.cc, weighted_cluster_specifier.cc, header_parser.cc
//
// A field that isn't read here and could change the answer is an error, not a guess.

// Asked is a request as it comes to a Gateway. Its target is what stands in the request line.
type Asked struct {
	Gateway string `json:"gateway"`
	Port    int32  `json:"port"`
	// Null without TLS.
	ServerName *string           `json:"serverName"`
	Method     string            `json:"method"`
	Target     string            `json:"target"`
	Host       string            `json:"host"`
	Headers    map[string]string `json:"headers"`
}

// Outcome is one way in which a request can end, with its share of all such requests.
type Outcome struct {
	Share    *big.Rat `json:"share"`
	Refused  string   `json:"refused,omitempty"`
	Status   uint32   `json:"status,omitempty"`
	Location string   `json:"location,omitempty"`
	// Addresses of endpoints, one of which is asked.
	Endpoints []string            `json:"endpoints,omitempty"`
	Host      string              `json:"host,omitempty"`
	Target    string              `json:"target,omitempty"`
	Headers   map[string][]string `json:"headers,omitempty"`
	Mirrors   []Mirror            `json:"mirrors,omitempty"`
	// The virtual host and the route that decided.
	Route string `json:"route,omitempty"`
	// Why Envoy wouldn't take the routes of this port.
	Rejected string `json:"rejected,omitempty"`
}

type Mirror struct {
	Endpoints []string `json:"endpoints"`
	Share     string   `json:"share"`
}

type request struct {
	method, host, target, scheme, serverName string
	headers                                  map[string][]string
}

// Configuration is what one Envoy was sent.
type Configuration struct {
	// The port on which Envoy listens for each at which it is asked.
	Ports     map[int32]int32
	Listeners []*listenerv3.Listener
	Routes    map[string]*routev3.RouteConfiguration
	Clusters  map[string]*clusterv3.Cluster
	Endpoints map[string]*endpointv3.ClusterLoadAssignment
	// What the filters before the router answer to a request for this host, by the name in its TLS handshake ("" for
	// none); 0 where they let it pass. Nil where there are none that answer.
	Answers func(filters []*hcmv3.HttpFilter, host, serverName string) uint32
}

// Refused is a connection that nobody takes.
func Refused(why string) []Outcome { return []Outcome{{Share: big.NewRat(1, 1), Refused: why}} }

func answered(status uint32) []Outcome { return []Outcome{{Share: big.NewRat(1, 1), Status: status}} }

func (c *Configuration) Answer(q Asked) ([]Outcome, error) {
	containerPort, ok := c.Ports[q.Port]
	if !ok {
		return Refused("no listener"), nil
	}
	index := slices.IndexFunc(c.Listeners, func(each *listenerv3.Listener) bool {
		return each.GetAddress().GetSocketAddress().GetPortValue() == uint32(containerPort) &&
			each.GetAddress().GetSocketAddress().GetProtocol() == corev3.SocketAddress_TCP
	})
	if index < 0 {
		return Refused("no listener"), nil
	}
	chain := filterChain(c.Listeners[index], q.ServerName)
	if chain == nil {
		return Refused("no filter chain"), nil
	}
	if secure := chain.GetTransportSocket() != nil; secure != (q.ServerName != nil) {
		return Refused("TLS"), nil
	}
	manager := &hcmv3.HttpConnectionManager{}
	found := false
	for _, filter := range chain.GetFilters() {
		if filter.GetTypedConfig().MessageIs(manager) {
			if err := filter.GetTypedConfig().UnmarshalTo(manager); err != nil {
				return nil, err
			}
			found = true
		}
	}
	if !found {
		return nil, fmt.Errorf("a filter chain without HTTP")
	}
	r := request{method: q.Method, host: q.Host, target: q.Target, scheme: "http", headers: map[string][]string{}}
	if q.ServerName != nil {
		r.scheme, r.serverName = "https", strings.ToLower(*q.ServerName)
	}
	for name, value := range q.Headers {
		if lower := strings.ToLower(name); lower != "host" {
			r.headers[lower] = []string{value}
		}
	}
	return c.handle(manager, r)
}

// filterChain is the one whose server name fits best: the very name, then the longest of its wildcard suffixes, then one
// that names nobody, then the listener's default. Envoy Gateway matches chains by nothing else.
func filterChain(listener *listenerv3.Listener, serverName *string) *listenerv3.FilterChain {
	name := ""
	if serverName != nil {
		name = strings.ToLower(*serverName)
	}
	named := func(wanted string) *listenerv3.FilterChain {
		for _, each := range listener.GetFilterChains() {
			names := each.GetFilterChainMatch().GetServerNames()
			if (wanted == "" && len(names) == 0) || slices.Contains(names, wanted) {
				return each
			}
		}
		return nil
	}
	if name != "" {
		if found := named(name); found != nil {
			return found
		}
		for rest := name; ; {
			_, after, ok := strings.Cut(rest, ".")
			if !ok {
				break
			}
			if found := named("*." + after); found != nil {
				return found
			}
			rest = after
		}
	}
	if found := named(""); found != nil {
		return found
	}
	return listener.GetDefaultFilterChain()
}

func (c *Configuration) handle(manager *hcmv3.HttpConnectionManager, r request) ([]Outcome, error) {
	config := manager.GetRouteConfig()
	if config == nil {
		config = c.Routes[manager.GetRds().GetRouteConfigName()]
	}
	// RouteMatcher's constructor refuses such a configuration, HeaderParser::configure such a header. An Envoy that has had none of that name before has none,
	// and finds no route; another one keeps what it had.
	rejected := ""
	if domain := duplicateDomain(config); domain != "" {
		rejected, config = "two virtual hosts of "+domain, nil
	} else if removesHost(config) {
		rejected, config = ":-prefixed or host headers may not be removed", nil
	}
	isGRPC := strings.HasPrefix(first(r.headers["content-type"]), "application/grpc")
	switch normalised, action := normalisePath(manager, r.target); {
	case action == "reject" || (action == "redirect" && isGRPC):
		return answered(400), nil
	case action == "redirect":
		return []Outcome{{Share: big.NewRat(1, 1), Status: 307, Location: normalised}}, nil
	default:
		r.target = normalised
	}
	if c.Answers != nil {
		if status := c.Answers(manager.GetHttpFilters(), r.host, r.serverName); status != 0 {
			return answered(status), nil
		}
	}
	host := strings.ToLower(r.host)
	if config.GetIgnorePortInHostMatching() {
		if without, _, err := net.SplitHostPort(host); err == nil {
			host = without
		}
	}
	found := virtualHost(host, config)
	if found == nil {
		return []Outcome{{Share: big.NewRat(1, 1), Status: 404, Rejected: rejected}}, nil
	}
	for _, route := range found.GetRoutes() {
		matched, ok, err := matches(route.GetMatch(), r)
		if err != nil {
			return nil, err
		}
		if ok {
			outcomes, err := c.act(route, r, matched)
			for i := range outcomes {
				outcomes[i].Route = found.GetName() + " " + route.GetName()
			}
			return outcomes, err
		}
	}
	return answered(404), nil
}

// duplicateDomain is one that stands twice: "Only unique values for domains are permitted."
func duplicateDomain(config *routev3.RouteConfiguration) string {
	seen := map[string]bool{}
	for _, host := range config.GetVirtualHosts() {
		for _, domain := range host.GetDomains() {
			lower := strings.ToLower(domain)
			if seen[lower] {
				return domain
			}
			seen[lower] = true
		}
	}
	return ""
}

// removesHost says whether some route removes a header that Envoy doesn't let go.
func removesHost(config *routev3.RouteConfiguration) bool {
	refused := func(name string) bool { return strings.HasPrefix(name, ":") || strings.EqualFold(name, "host") }
	for _, host := range config.GetVirtualHosts() {
		for _, route := range host.GetRoutes() {
			if slices.ContainsFunc(route.GetRequestHeadersToRemove(), refused) {
				return true
			}
			for _, cluster := range route.GetRoute().GetWeightedClusters().GetClusters() {
				if slices.ContainsFunc(cluster.GetRequestHeadersToRemove(), refused) {
					return true
				}
			}
		}
	}
	return false
}

var escapedSlashes = strings.NewReplacer("%2F", "/", "%2f", "/", "%5C", `\`, "%5c", `\`)

// ConnectionManagerUtility::maybeNormalizePath: escaped slashes, then RFC 3986, then slashes in a row.
func normalisePath(manager *hcmv3.HttpConnectionManager, target string) (normalised, action string) {
	path, query := target, ""
	if at := strings.IndexByte(target, '?'); at >= 0 {
		path, query = target[:at], target[at:]
	}
	if strings.Contains(path, "#") {
		// HttpConnectionManagerImpl: a fragment in the path is refused (reject by default since 1.19).
		return "", "reject"
	}
	wish := manager.GetPathWithEscapedSlashesAction()
	if wish == hcmv3.HttpConnectionManager_REJECT_REQUEST ||
		wish == hcmv3.HttpConnectionManager_UNESCAPE_AND_REDIRECT ||
		wish == hcmv3.HttpConnectionManager_UNESCAPE_AND_FORWARD {
		if unescaped := escapedSlashes.Replace(path); len(unescaped) != len(path) {
			path = unescaped
			switch wish {
			case hcmv3.HttpConnectionManager_REJECT_REQUEST:
				return "", "reject"
			case hcmv3.HttpConnectionManager_UNESCAPE_AND_REDIRECT:
				action = "redirect"
			}
		}
	}
	if manager.GetNormalizePath().GetValue() {
		path = withoutDots(path)
	}
	if manager.GetMergeSlashes() && strings.Contains(path, "//") {
		parts := slices.DeleteFunc(strings.Split(path, "/"), func(each string) bool { return each == "" })
		merged := "/" + strings.Join(parts, "/")
		if strings.HasSuffix(path, "/") {
			merged += "/"
		}
		path = merged
	}
	return path + query, action
}

var escapedDot = regexp.MustCompile(`%2[eE]`)

// PathUtil::canonicalPath calls Chromium's url::CanonicalizePath (url/url_canon_path.cc): backslashes are slashes, dots
// may be escaped, parameters of dot segments go. Which other escapes are read depends on that library's version: no
// question here holds any.
func withoutDots(path string) string {
	segments := strings.Split(strings.ReplaceAll(path, `\`, "/"), "/")[1:]
	made := []string{}
	for i, segment := range segments {
		isLast := i == len(segments)-1
		plain := escapedDot.ReplaceAllString(segment, ".")
		if strings.HasPrefix(segment, "..;") || strings.HasPrefix(segment, ".;") {
			plain, _, _ = strings.Cut(segment, ";")
		}
		switch plain {
		case ".":
		case "..":
			if len(made) > 0 {
				made = made[:len(made)-1]
			}
		default:
			made = append(made, segment)
			continue
		}
		if isLast {
			made = append(made, "")
		}
	}
	return "/" + strings.Join(made, "/")
}

// matches says whether a route takes a request, and which part of the path it matched.
func matches(match *routev3.RouteMatch, r request) (matched string, ok bool, err error) {
	if match.GetRuntimeFraction() != nil || match.GetGrpc() != nil || match.GetTlsContext() != nil ||
		len(match.GetDynamicMetadata()) > 0 || len(match.GetFilterState()) > 0 || len(match.GetCookies()) > 0 ||
		(match.GetCaseSensitive() != nil && !match.GetCaseSensitive().GetValue()) {
		return "", false, fmt.Errorf("unread: %v", match)
	}
	path, query, _ := strings.Cut(r.target, "?")
	switch specifier := match.GetPathSpecifier().(type) {
	case *routev3.RouteMatch_Path:
		matched, ok = specifier.Path, path == specifier.Path
	case *routev3.RouteMatch_Prefix:
		matched, ok = specifier.Prefix, strings.HasPrefix(path, specifier.Prefix)
	case *routev3.RouteMatch_PathSeparatedPrefix:
		prefix := specifier.PathSeparatedPrefix
		matched, ok = prefix, strings.HasPrefix(path, prefix) && (len(path) == len(prefix) || path[len(prefix)] == '/')
	case *routev3.RouteMatch_SafeRegex:
		matched = path
		ok, err = matchesText(&matcherv3.StringMatcher{
			MatchPattern: &matcherv3.StringMatcher_SafeRegex{SafeRegex: specifier.SafeRegex},
		}, path)
	default:
		err = fmt.Errorf("unread: %T", specifier)
	}
	if !ok || err != nil {
		return "", false, err
	}
	seen := map[string][]string{":method": {r.method}, ":path": {r.target}, ":authority": {r.host}, "host": {r.host}}
	for name, values := range r.headers {
		seen[name] = values
	}
	for _, header := range match.GetHeaders() {
		if ok, err := matchesHeader(header, seen); !ok || err != nil {
			return "", false, err
		}
	}
	// QueryParamsMulti::parseQueryString: as they are written, without decoding; the first of a name.
	for _, wanted := range match.GetQueryParameters() {
		value, present := "", false
		for _, each := range strings.Split(query, "&") {
			name, text, _ := strings.Cut(each, "=")
			if name == wanted.GetName() && each != "" {
				value, present = text, true
				break
			}
		}
		if !present {
			return "", false, nil
		}
		if ok, err := matchesText(wanted.GetStringMatch(), value); !ok || err != nil {
			return "", false, err
		}
	}
	return matched, true, nil
}

func (c *Configuration) act(route *routev3.Route, r request, matched string) ([]Outcome, error) {
	switch action := route.GetAction().(type) {
	case *routev3.Route_DirectResponse:
		return answered(action.DirectResponse.GetStatus()), nil
	case *routev3.Route_Redirect:
		return redirect(action.Redirect, r, matched)
	case *routev3.Route_Route:
		return c.forward(route, action.Route, r, matched)
	default:
		return nil, fmt.Errorf("unread: %T", action)
	}
}

// Http::Utility::newUri, after RouteEntryImplBase::finalizePathHeaderForRedirect.
func redirect(to *routev3.RedirectAction, r request, matched string) ([]Outcome, error) {
	if to.GetStripQuery() {
		return nil, fmt.Errorf("unread: %v", to)
	}
	target, err := rewritten(r.target, matched, to.GetPrefixRewrite(), to.GetRegexRewrite())
	if err != nil {
		return nil, err
	}
	scheme := r.scheme
	if to.GetHttpsRedirect() {
		scheme = "https"
	} else if to.GetSchemeRedirect() != "" {
		scheme = to.GetSchemeRedirect()
	}
	port := ""
	if to.GetPortRedirect() != 0 {
		port = fmt.Sprintf(":%d", to.GetPortRedirect())
	}
	host := to.GetHostRedirect()
	if host == "" {
		host = r.host
		if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
			written := host[at:]
			if port != "" || (scheme != r.scheme &&
				((r.scheme == "https" && written == ":443") || (r.scheme == "http" && written == ":80"))) {
				host = host[:at]
			}
		}
	}
	if path := to.GetPathRedirect(); path != "" {
		if at := strings.IndexByte(target, '?'); at >= 0 && !strings.Contains(path, "?") {
			path += target[at:]
		}
		target = path
	}
	statuses := map[routev3.RedirectAction_RedirectResponseCode]uint32{
		routev3.RedirectAction_MOVED_PERMANENTLY:  301,
		routev3.RedirectAction_FOUND:              302,
		routev3.RedirectAction_SEE_OTHER:          303,
		routev3.RedirectAction_TEMPORARY_REDIRECT: 307,
		routev3.RedirectAction_PERMANENT_REDIRECT: 308,
	}
	return []Outcome{{
		Share:    big.NewRat(1, 1),
		Status:   statuses[to.GetResponseCode()],
		Location: scheme + "://" + host + port + target,
	}}, nil
}

var backReference = regexp.MustCompile(`\\(\d)`)

// rewritePathByPrefixOrRegex: an expression replaces wherever it is found in the path, a prefix what was matched; an
// empty result changes nothing.
func rewritten(target, matched, prefix string, by *matcherv3.RegexMatchAndSubstitute) (string, error) {
	path, query := target, ""
	if at := strings.IndexByte(target, '?'); at >= 0 {
		path, query = target[:at], target[at:]
	}
	if prefix != "" {
		return prefix + target[len(matched):], nil
	}
	if by != nil {
		expression, err := regexp.Compile(by.GetPattern().GetRegex())
		if err != nil {
			return "", err
		}
		with := strings.ReplaceAll(by.GetSubstitution(), "$", "$$")
		if made := expression.ReplaceAllString(path, backReference.ReplaceAllString(with, "${$1}")); made != "" {
			return made + query, nil
		}
	}
	return target, nil
}

func (c *Configuration) forward(route *routev3.Route, action *routev3.RouteAction, r request, matched string) ([]Outcome, error) {
	if action.GetPathRewrite() != "" || action.GetPathRewritePolicy() != nil || action.GetHostRewriteHeader() != "" ||
		action.GetHostRewritePathRegex() != nil || action.GetAutoHostRewrite().GetValue() {
		return nil, fmt.Errorf("unread: %v", action)
	}
	clusters := action.GetWeightedClusters().GetClusters()
	if clusters == nil {
		if action.GetCluster() == "" {
			return nil, fmt.Errorf("unread: %v", action)
		}
		clusters = []*routev3.WeightedCluster_ClusterWeight{{Name: action.GetCluster()}}
	}
	mirrors := []Mirror{}
	for _, policy := range action.GetRequestMirrorPolicies() {
		copied := Mirror{Share: fraction(policy.GetRuntimeFraction().GetDefaultValue())}
		for _, each := range c.localities(policy.GetCluster()) {
			copied.Endpoints = append(copied.Endpoints, each.addresses...)
		}
		mirrors = append(mirrors, copied)
	}
	total := uint64(0)
	for _, cluster := range clusters {
		total += weight(cluster, clusters)
	}
	outcomes := []Outcome{}
	for _, cluster := range clusters {
		if weight(cluster, clusters) == 0 {
			continue
		}
		share := ratio(weight(cluster, clusters), total)
		if c.Clusters[cluster.GetName()] == nil {
			status := uint32(503)
			switch action.GetClusterNotFoundResponseCode() {
			case routev3.RouteAction_NOT_FOUND:
				status = 404
			case routev3.RouteAction_INTERNAL_SERVER_ERROR:
				status = 500
			}
			outcomes = append(outcomes, Outcome{Share: share, Status: status})
			continue
		}
		onward := r
		onward.headers = map[string][]string{}
		for name, values := range r.headers {
			onward.headers[name] = slices.Clone(values)
		}
		// WeightedClusterEntry::finalizeRequestHeaders: its own headers and host first, then the route's.
		if err := mutate(&onward, cluster.GetRequestHeadersToAdd(), cluster.GetRequestHeadersToRemove()); err != nil {
			return nil, err
		}
		if host := cluster.GetHostRewriteLiteral(); host != "" {
			onward.host = host
		}
		if err := mutate(&onward, route.GetRequestHeadersToAdd(), route.GetRequestHeadersToRemove()); err != nil {
			return nil, err
		}
		if host := action.GetHostRewriteLiteral(); host != "" {
			onward.host = host
		}
		target, err := rewritten(onward.target, matched, action.GetPrefixRewrite(), action.GetRegexRewrite())
		if err != nil {
			return nil, err
		}
		localities := c.localities(cluster.GetName())
		weights := uint64(0)
		for _, each := range localities {
			weights += each.weight
		}
		if weights == 0 {
			outcomes = append(outcomes, Outcome{Share: share, Status: 503})
			continue
		}
		for _, each := range localities {
			outcomes = append(outcomes, Outcome{
				Share:     new(big.Rat).Mul(share, ratio(each.weight, weights)),
				Endpoints: each.addresses,
				Host:      onward.host,
				Target:    target,
				Headers:   onward.headers,
				Mirrors:   mirrors,
			})
		}
	}
	return outcomes, nil
}

func weight(cluster *routev3.WeightedCluster_ClusterWeight, of []*routev3.WeightedCluster_ClusterWeight) uint64 {
	if len(of) == 1 {
		return 1
	}
	return uint64(cluster.GetWeight().GetValue())
}

func ratio(part, whole uint64) *big.Rat { return big.NewRat(int64(part), int64(whole)) }

type locality struct {
	weight    uint64
	addresses []string
}

// localities are a cluster's endpoints with the weights of their localities; what has none there has no share.
func (c *Configuration) localities(cluster string) []locality {
	found := []locality{}
	assignment := c.Endpoints[cluster]
	if made := c.Clusters[cluster]; made.GetLoadAssignment() != nil {
		assignment = made.GetLoadAssignment()
	} else if name := made.GetEdsClusterConfig().GetServiceName(); name != "" {
		assignment = c.Endpoints[name]
	}
	for _, each := range assignment.GetEndpoints() {
		one := locality{weight: uint64(each.GetLoadBalancingWeight().GetValue())}
		for _, endpoint := range each.GetLbEndpoints() {
			address := endpoint.GetEndpoint().GetAddress().GetSocketAddress()
			one.addresses = append(one.addresses, net.JoinHostPort(address.GetAddress(), strconv.Itoa(int(address.GetPortValue()))))
		}
		if one.weight > 0 && len(one.addresses) > 0 {
			found = append(found, one)
		}
	}
	return found
}

// HeaderParser::evaluateHeaders: what is removed first, then what is added.
func mutate(r *request, add []*corev3.HeaderValueOption, remove []string) error {
	for _, name := range remove {
		delete(r.headers, strings.ToLower(name))
	}
	for _, each := range add {
		name, value := strings.ToLower(each.GetHeader().GetKey()), each.GetHeader().GetValue()
		if name == "host" || strings.HasPrefix(name, ":") {
			return fmt.Errorf("a header %q is added", name)
		}
		if value == "" && !each.GetKeepEmptyValue() {
			continue
		}
		switch each.GetAppendAction() {
		case corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD:
			r.headers[name] = append(r.headers[name], value)
		case corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD:
			r.headers[name] = []string{value}
		default:
			return fmt.Errorf("unread: %v", each)
		}
	}
	return nil
}

func fraction(percent *typev3.FractionalPercent) string {
	denominators := map[typev3.FractionalPercent_DenominatorType]int{
		typev3.FractionalPercent_HUNDRED:      100,
		typev3.FractionalPercent_TEN_THOUSAND: 10000,
		typev3.FractionalPercent_MILLION:      1000000,
	}
	return fmt.Sprintf("%d/%d", percent.GetNumerator(), denominators[percent.GetDenominator()])
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
