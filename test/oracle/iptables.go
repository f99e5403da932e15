package main

import (
	"bytes"
	"context"
	"net"
	"time"

	v1 "k8s.io/api/core/v1"
	sysctl "k8s.io/component-helpers/node/util/sysctl/testing"
	"k8s.io/kubernetes/pkg/proxy/healthcheck"
	"k8s.io/kubernetes/pkg/proxy/iptables"
	utiliptables "k8s.io/kubernetes/pkg/util/iptables"
	iptest "k8s.io/kubernetes/pkg/util/iptables/testing"
)

// iptablesProxier is the real one, with the fake iptables of kube-proxy's own tests and the node's addresses as asked.
func iptablesProxier(q question) (proxier, func() (string, error), error) {
	fake := iptest.NewFake()
	if q.Family == v1.IPv6Protocol {
		fake = iptest.NewIPv6Fake()
	}
	fake.SetHasRandomFully(true)
	p, err := iptables.NewProxier(context.Background(), q.Family, fake, sysctl.NewFake(), time.Hour, 0, q.MasqueradeAll, q.LocalhostNodePorts, 14,
		detector(q), q.Node, net.ParseIP(q.NodeIP), nil, nil, q.NodePortAddresses, false)
	if err != nil {
		return nil, nil, err
	}
	set(p, "networkInterfacer", network(q))
	set(p, "serviceHealthServer", healthcheck.NewFakeServiceHealthServer())
	return p, func() (string, error) {
		var text bytes.Buffer
		for _, table := range []utiliptables.Table{utiliptables.TableFilter, utiliptables.TableNAT} {
			if err := fake.SaveInto(table, &text); err != nil {
				return "", err
			}
		}
		return text.String(), nil
	}, nil
}
