package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"github.com/sirupsen/logrus"
	"google.golang.org/protobuf/proto"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/projectcontour/contour/internal/contourconfig"
	"github.com/projectcontour/contour/internal/dag"
	envoyv3 "github.com/projectcontour/contour/internal/envoy/v3"
	"github.com/projectcontour/contour/internal/gatewayapi"
	xdscachev3 "github.com/projectcontour/contour/internal/xdscache/v3"
	envoy "google.golang.org/grpc/judge"
)

// classes answers the one question that Contour's cache asks of the cluster: which GatewayClass a Gateway names.
type classes struct {
	client.Reader
	objects []client.Object
}

func (c classes) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	for _, each := range c.objects {
		if class, ok := each.(*gatewayv1.GatewayClass); ok && class.Name == key.Name {
			class.DeepCopyInto(into.(*gatewayv1.GatewayClass))
			return nil
		}
	}
	return fmt.Errorf("no GatewayClass %q", key.Name)
}

// translate hands the objects to Contour's cache, builds its DAG and shows that to its xDS caches, as `contour serve`
// does (cmd/contour/serve.go), with the settings of its defaults. A Gateway has a Contour of its own, as the provisioner
// makes it; without one, it serves Ingresses. There are no HTTPProxies here, so their processor isn't asked.
func translate(objects []client.Object, gateway string) ([]*envoy.Configuration, error) {
	log := logrus.New()
	log.SetOutput(io.Discard)
	builder := &dag.Builder{Source: dag.KubernetesCache{
		FieldLogger: log,
		Client:      classes{objects: objects},
	}}
	// As its default settings have it: on 0.0.0.0, behind the Service's 80 and 443.
	processors := []dag.Processor{
		&dag.ListenerProcessor{HTTPAddress: "0.0.0.0", HTTPPort: 8080, HTTPSAddress: "0.0.0.0", HTTPSPort: 8443},
		&dag.IngressProcessor{
			FieldLogger: log, RequestHeadersPolicy: &dag.HeadersPolicy{}, ResponseHeadersPolicy: &dag.HeadersPolicy{},
			SetSourceMetadataOnRoutes: true,
		},
	}
	ports := map[int32]int32{80: 8080, 443: 8443}
	if gateway != "" {
		namespace, name, _ := strings.Cut(gateway, "/")
		builder.Source.ConfiguredGatewayToCache = &types.NamespacedName{Namespace: namespace, Name: name}
		processors = append(processors, &dag.GatewayAPIProcessor{FieldLogger: log, SetSourceMetadataOnRoutes: true})
		ports = map[int32]int32{}
	}
	builder.Processors = processors
	// The Gateway first: what isn't its own is left out.
	for _, each := range objects {
		if found, ok := each.(*gatewayv1.Gateway); ok && gateway != "" {
			builder.Source.Insert(found)
			if gateway == found.Namespace+"/"+found.Name {
				for _, port := range gatewayapi.ValidateListeners(found.Spec.Listeners).Ports {
					ports[port.Port] = port.ContainerPort
				}
			}
		}
	}
	slices := []*discoveryv1.EndpointSlice{}
	for _, each := range objects {
		switch found := each.(type) {
		case *gatewayv1.Gateway, *gatewayv1.GatewayClass, *networkingv1.IngressClass:
		case *discoveryv1.EndpointSlice:
			slices = append(slices, found)
		default:
			builder.Source.Insert(each)
		}
	}
	made := make([]*envoy.Configuration, builds)
	for i := range made {
		made[i] = sent(builder.Build(), slices, log)
		made[i].Ports = ports
		made[i].Answers = misdirected
	}
	return made, nil
}

func sent(built *dag.DAG, slices []*discoveryv1.EndpointSlice, log logrus.FieldLogger) *envoy.Configuration {
	generator := envoyv3.NewEnvoyGen(envoyv3.EnvoyGenOpt{XDSClusterName: envoyv3.DefaultXDSClusterName})
	defaults := contourconfig.Defaults()
	listeners := xdscachev3.NewListenerCache(
		xdscachev3.ListenerConfig{
			MergeSlashes:         !*defaults.Envoy.Listener.DisableMergeSlashes,
			StripTrailingHostDot: *defaults.Envoy.Network.EnvoyStripTrailingHostDot,
		},
		*defaults.Envoy.Metrics, *defaults.Envoy.Health, nil, 0, generator)
	routes := &xdscachev3.RouteCache{}
	clusters := xdscachev3.NewClusterCache(generator)
	endpoints := xdscachev3.NewEndpointSliceTranslator(log)
	for _, each := range slices {
		endpoints.OnAdd(each, false)
	}
	listeners.OnChange(built)
	routes.OnChange(built)
	clusters.OnChange(built)
	endpoints.OnChange(built)
	return &envoy.Configuration{
		Listeners: of[*listenerv3.Listener](listeners.Contents()),
		Routes:    byName(of[*routev3.RouteConfiguration](routes.Contents())),
		Clusters:  byName(of[*clusterv3.Cluster](clusters.Contents())),
		Endpoints: byCluster(of[*endpointv3.ClusterLoadAssignment](endpoints.Contents())),
	}
}

func of[T proto.Message](messages []proto.Message) []T {
	found := []T{}
	for _, each := range messages {
		if one, ok := each.(T); ok {
			found = append(found, one)
		}
	}
	return found
}

func byName[T interface{ GetName() string }](all []T) map[string]T {
	found := map[string]T{}
	for _, each := range all {
		found[each.GetName()] = each
	}
	return found
}

func byCluster(all []*endpointv3.ClusterLoadAssignment) map[string]*endpointv3.ClusterLoadAssignment {
	found := map[string]*endpointv3.ClusterLoadAssignment{}
	for _, each := range all {
		found[each.GetClusterName()] = each
	}
	return found
}

// misdirected is what the Lua filter does that Contour puts before all others of a chain with TLS: the Host, in small
// letters and without a port, must be the very name of the TLS handshake (internal/envoy/v3/listener.go,
// FilterMisdirectedRequests).
func misdirected(filters []*hcmv3.HttpFilter, host, serverName string) uint32 {
	for _, each := range filters {
		script := &luav3.Lua{}
		if !each.GetTypedConfig().MessageIs(script) || each.GetTypedConfig().UnmarshalTo(script) != nil ||
			!strings.Contains(script.GetDefaultSourceCode().GetInlineString(), "misdirected request") {
			continue
		}
		name, _, _ := strings.Cut(strings.ToLower(host), ":")
		if name != serverName {
			return 421
		}
	}
	return 0
}
