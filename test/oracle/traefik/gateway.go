package main

import (
	"context"
	"reflect"
	"unsafe"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/gateway"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	kubefake "k8s.io/client-go/kubernetes/fake"
	gatev1 "sigs.k8s.io/gateway-api/apis/v1"
	gateclientset "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned"
	gatefake "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned/fake"
)

// fromGateways asks the Gateway API's provider with its own client and informers over the clients that its own tests
// use (pkg/provider/kubernetes/gateway/kubernetes_test.go).
func fromGateways(provider *gateway.Provider, found cluster) (*dynamic.Configuration, error) {
	ctx := context.Background()
	var gateways []*gatev1.Gateway
	var others []runtime.Object
	for _, each := range found.gateway {
		if it, isOne := each.(*gatev1.Gateway); isOne {
			gateways = append(gateways, it)
		} else {
			others = append(others, each.DeepCopyObject())
		}
	}
	fake := gatefake.NewSimpleClientset(others...)
	for _, each := range gateways {
		// The fake client would file it under «gatewaies».
		if _, err := fake.GatewayV1().Gateways(each.Namespace).Create(ctx, each.DeepCopy(), metav1.CreateOptions{}); err != nil {
			return nil, err
		}
	}
	client := newClientImpl(kubefake.NewClientset(found.core...), fake)
	stop := make(chan struct{})
	defer close(stop)
	events, err := watchAll(client, nil, stop)
	if err != nil {
		return nil, err
	}
	select {
	case <-events:
	default:
	}
	field := reflect.ValueOf(provider).Elem().FieldByName("client")
	*(*unsafe.Pointer)(unsafe.Pointer(field.UnsafeAddr())) = client
	return loadConfigurationFromGateways(provider, ctx), nil
}

//go:linkname newClientImpl github.com/traefik/traefik/v3/pkg/provider/kubernetes/gateway.newClientImpl
func newClientImpl(kubernetes.Interface, gateclientset.Interface) unsafe.Pointer

//go:linkname watchAll github.com/traefik/traefik/v3/pkg/provider/kubernetes/gateway.(*clientWrapper).WatchAll
func watchAll(unsafe.Pointer, []string, <-chan struct{}) (<-chan any, error)

//go:linkname loadConfigurationFromGateways github.com/traefik/traefik/v3/pkg/provider/kubernetes/gateway.(*Provider).loadConfigurationFromGateways
func loadConfigurationFromGateways(*gateway.Provider, context.Context) *dynamic.Configuration
