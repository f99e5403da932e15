package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
	_ "unsafe"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress"
	"github.com/traefik/traefik/v3/pkg/tls/generate"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubescheme "k8s.io/client-go/kubernetes/scheme"
	gatescheme "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned/scheme"
)

// cluster is what the providers can see of one. For the Ingress provider it is a client (`ingress.Client`) of its own;
// that of Traefik asks informers for the same.
type cluster struct {
	core, gateway []runtime.Object
	ingresses     []*netv1.Ingress
	classes       []*netv1.IngressClass
	services      map[string]*corev1.Service
	secrets       map[string]*corev1.Secret
	slices        map[string][]*discoveryv1.EndpointSlice
	nodes         []*corev1.Node
}

var _ ingress.Client = cluster{}

// pair stands in the place of what a Secret of TLS holds.
var pair = sync.OnceValue(func() map[string][]byte {
	certificate, key, err := generate.KeyPair("example.com", time.Time{})
	if err != nil {
		panic(err)
	}
	return map[string][]byte{"tls.crt": certificate, "tls.key": key}
})

func read(objects []json.RawMessage) (cluster, error) {
	found := cluster{
		services: map[string]*corev1.Service{},
		secrets:  map[string]*corev1.Secret{},
		slices:   map[string][]*discoveryv1.EndpointSlice{},
	}
	for _, each := range objects {
		object, _, err := kubescheme.Codecs.UniversalDeserializer().Decode(each, nil, nil)
		if err != nil {
			other, _, problem := gatescheme.Codecs.UniversalDeserializer().Decode(each, nil, nil)
			if problem != nil {
				return found, fmt.Errorf("%w; %w", err, problem)
			}
			found.gateway = append(found.gateway, other)
			continue
		}
		found.core = append(found.core, object)
		switch it := object.(type) {
		case *netv1.Ingress:
			found.ingresses = append(found.ingresses, it)
		case *netv1.IngressClass:
			if it.Spec.Controller == "traefik.io/ingress-controller" {
				found.classes = append(found.classes, it)
			}
		case *corev1.Service:
			found.services[it.Namespace+"/"+it.Name] = it
		case *corev1.Secret:
			if it.Type == corev1.SecretTypeTLS {
				it.Data = pair()
			}
			found.secrets[it.Namespace+"/"+it.Name] = it
		case *corev1.Node:
			found.nodes = append(found.nodes, it)
		case *discoveryv1.EndpointSlice:
			key := it.Namespace + "/" + it.Labels[discoveryv1.LabelServiceName]
			found.slices[key] = append(found.slices[key], it)
		}
	}
	return found, nil
}

func (c cluster) WatchAll([]string, <-chan struct{}) (<-chan any, error) {
	return nil, errors.New("nothing is watched")
}

func (c cluster) GetIngresses() []*netv1.Ingress { return c.ingresses }

func (c cluster) GetIngressClasses() ([]*netv1.IngressClass, error) { return c.classes, nil }

func (c cluster) GetService(namespace, name string) (*corev1.Service, bool, error) {
	it, isThere := c.services[namespace+"/"+name]
	return it, isThere, nil
}

func (c cluster) GetSecret(namespace, name string) (*corev1.Secret, bool, error) {
	it, isThere := c.secrets[namespace+"/"+name]
	return it, isThere, nil
}

func (c cluster) GetNodes() ([]*corev1.Node, bool, error) { return c.nodes, true, nil }

func (c cluster) GetEndpointSlicesForService(namespace, name string) ([]*discoveryv1.EndpointSlice, error) {
	return c.slices[namespace+"/"+name], nil
}

func (c cluster) UpdateIngressStatus(*netv1.Ingress, []netv1.IngressLoadBalancerIngress) error {
	return nil
}

//go:linkname loadConfigurationFromIngresses github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress.(*Provider).loadConfigurationFromIngresses
func loadConfigurationFromIngresses(*ingress.Provider, context.Context, ingress.Client) *dynamic.Configuration
