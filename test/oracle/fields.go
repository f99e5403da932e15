package main

import (
	"net"
	"reflect"
	"unsafe"

	netutils "k8s.io/utils/net"

	proxyutil "k8s.io/kubernetes/pkg/proxy/util"
	proxyutiltest "k8s.io/kubernetes/pkg/proxy/util/testing"
)

// set writes a field that is kube-proxy's own business, as its tests can from within the package.
func set(target any, name string, value any) {
	field := reflect.ValueOf(target).Elem().FieldByName(name)
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(value))
}

func fieldType(target any, name string) reflect.Type {
	return reflect.ValueOf(target).Elem().FieldByName(name).Type()
}

func detector(q question) proxyutil.LocalTrafficDetector {
	if q.LocalRange == "" {
		return proxyutil.NewNoOpLocalDetector()
	}
	return proxyutil.NewDetectLocalByCIDR(q.LocalRange)
}

// network is a machine with one interface that has the node's addresses, and the loopback's.
func network(q question) proxyutil.NetworkInterfacer {
	fake := proxyutiltest.NewFakeNetwork()
	addresses := []net.Addr{}
	for _, text := range append([]string{"127.0.0.1", "::1"}, q.Addresses...) {
		ip := netutils.ParseIPSloppy(text)
		bits := 128
		if ip.To4() != nil {
			bits = 32
		}
		addresses = append(addresses, &net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)})
	}
	fake.AddInterfaceAddr(&net.Interface{Index: 1, Name: "eth0"}, addresses)
	return fake
}
