package main

import (
	"fmt"
	"net"
	"reflect"
	"strings"
	"time"
	_ "unsafe" // for the two names below

	"golang.org/x/time/rate"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/kubernetes/pkg/proxy"
	"k8s.io/kubernetes/pkg/proxy/conntrack"
	"k8s.io/kubernetes/pkg/proxy/healthcheck"
	"k8s.io/kubernetes/pkg/proxy/nftables"
	"k8s.io/kubernetes/pkg/proxy/runner"
	proxyutil "k8s.io/kubernetes/pkg/proxy/util"
	"sigs.k8s.io/knftables"
)

//go:linkname newServiceInfo k8s.io/kubernetes/pkg/proxy/nftables.newServiceInfo
func newServiceInfo(*v1.ServicePort, *v1.Service, *proxy.BaseServicePortInfo) proxy.ServicePort

//go:linkname newEndpointInfo k8s.io/kubernetes/pkg/proxy/nftables.newEndpointInfo
func newEndpointInfo(*proxy.BaseEndpointInfo, *proxy.ServicePortName) proxy.Endpoint

const mark = "0x00004000"

// nftablesProxier is put together as kube-proxy's own tests do it, for NewProxier wants a kernel with nftables.
func nftablesProxier(q question) (proxier, func() (string, error), error) {
	family := knftables.IPv4Family
	if q.Family == v1.IPv6Protocol {
		family = knftables.IPv6Family
	}
	fake := knftables.NewFake(family, "kube-proxy")
	p := &nftables.Proxier{}
	for name, value := range map[string]any{
		"ipFamily":            q.Family,
		"svcPortMap":          make(proxy.ServicePortMap),
		"serviceChanges":      proxy.NewServiceChangeTracker(q.Family, newServiceInfo, nil),
		"endpointsMap":        make(proxy.EndpointsMap),
		"endpointsChanges":    proxy.NewEndpointsChangeTracker(q.Family, q.Node, newEndpointInfo, nil),
		"needFullSync":        true,
		"nftables":            knftables.Interface(fake),
		"masqueradeAll":       q.MasqueradeAll,
		"masqueradeMark":      mark,
		"masqueradeRule":      fmt.Sprintf("mark set mark or %s", mark),
		"conntrack":           conntrack.Interface(conntrack.NewFake()),
		"localDetector":       detector(q),
		"nodeName":            q.Node,
		"nodeIP":              net.ParseIP(q.NodeIP),
		"serviceHealthServer": healthcheck.NewFakeServiceHealthServer(),
		"nodePortAddresses":   proxyutil.NewNodePortAddresses(q.Family, q.NodePortAddresses),
		"networkInterfacer":   network(q),
		"staleChains":         make(map[string]time.Time),
		"logRateLimiter":      rate.NewLimiter(rate.Every(time.Hour), 1),
		"syncRunner":          runner.NewBoundedFrequencyRunner("oracle", func() error { return nil }, 0, 30*time.Second, time.Minute),
	} {
		set(p, name, value)
	}
	for field, container := range map[string]string{
		"clusterIPs": "set cluster-ips", "serviceIPs": "map service-ips", "firewallIPs": "map firewall-ips", "noEndpointServices": "map no-endpoint-services",
		"noEndpointNodePorts": "map no-endpoint-nodeports", "serviceNodePorts": "map service-nodeports", "hairpinConnections": "set hairpin-connections",
	} {
		kind, name, _ := strings.Cut(container, " ")
		storage := reflect.New(fieldType(p, field).Elem())
		for inner, value := range map[string]any{"elements": map[string]string{}, "leftoverKeys": sets.New[string](), "containerType": kind, "containerName": name} {
			set(storage.Interface(), inner, value)
		}
		set(p, field, storage.Interface())
	}
	return p, func() (string, error) { return fake.Dump(), nil }, nil
}
