package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	cachetypes "github.com/envoyproxy/go-control-plane/pkg/cache/types"
	resourcev3 "github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
	gwapiv1b1 "sigs.k8s.io/gateway-api/apis/v1beta1"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"github.com/envoyproxy/gateway/internal/gatewayapi"
	"github.com/envoyproxy/gateway/internal/gatewayapi/resource"
	"github.com/envoyproxy/gateway/internal/logging"
	"github.com/envoyproxy/gateway/internal/xds/translator"
	envoy "google.golang.org/grpc/judge"
)

// table is what Envoy Gateway would send to the Envoy of one Gateway.
type table struct {
	envoy.Configuration
	// What the translator said of its own result: Envoy Gateway sends nothing then.
	problem error
}

type conditions map[string][]string

// translate hands the objects to Envoy Gateway's two translators, one after the other, as its runners do
// (internal/gatewayapi/runner, internal/xds/runner), with the options of its default configuration. The objects are
// checked and given their defaults by the CRDs' schemas first, as the API server would.
func translate(objects []json.RawMessage) (map[string]*table, conditions, error) {
	resources := resource.NewResources()
	for _, each := range objects {
		if err := add(resources, each); err != nil {
			return nil, nil, err
		}
	}
	if resources.GatewayClass == nil {
		return nil, nil, fmt.Errorf("no GatewayClass")
	}
	resources.Sort()
	logger := logging.DefaultLogger(io.Discard, egv1a1.LogLevelInfo)
	translated, err := (&gatewayapi.Translator{
		GatewayControllerName: egv1a1.GatewayControllerName,
		GatewayClassName:      gwapiv1.ObjectName(resources.GatewayClass.Name),
		ControllerNamespace:   "envoy-gateway-system",
		Logger:                logger,
	}).Translate(context.Background(), resources)
	if translated == nil {
		return nil, nil, err
	}
	tables := map[string]*table{}
	for key, ir := range translated.XdsIR {
		made := &table{Configuration: envoy.Configuration{
			Ports:     map[int32]int32{},
			Routes:    map[string]*routev3.RouteConfiguration{},
			Clusters:  map[string]*clusterv3.Cluster{},
			Endpoints: map[string]*endpointv3.ClusterLoadAssignment{},
		}}
		tables[key] = made
		if infra := translated.InfraIR[key]; infra != nil && infra.Proxy != nil {
			for _, listener := range infra.Proxy.Listeners {
				for _, port := range listener.Ports {
					made.Ports[port.ServicePort] = port.ContainerPort
				}
			}
		}
		sent, problem := (&translator.Translator{
			ControllerNamespace: "envoy-gateway-system",
			FilterOrder:         ir.FilterOrder,
			Logger:              logger,
		}).Translate(context.Background(), ir)
		made.problem = problem
		if sent == nil {
			continue
		}
		made.Listeners = of[*listenerv3.Listener](sent.XdsResources[resourcev3.ListenerType])
		for _, each := range of[*routev3.RouteConfiguration](sent.XdsResources[resourcev3.RouteType]) {
			made.Routes[each.GetName()] = each
		}
		for _, each := range of[*clusterv3.Cluster](sent.XdsResources[resourcev3.ClusterType]) {
			made.Clusters[each.GetName()] = each
		}
		for _, each := range of[*endpointv3.ClusterLoadAssignment](sent.XdsResources[resourcev3.EndpointType]) {
			made.Endpoints[each.GetClusterName()] = each
		}
	}
	return tables, conditionsOf(translated), nil
}

func of[T any](resources []cachetypes.Resource) []T {
	found := []T{}
	for _, each := range resources {
		if one, ok := each.(T); ok {
			found = append(found, one)
		}
	}
	return found
}

// add reads one object as its own type. What is Gateway API's goes through the CRD's schema and defaults.
func add(resources *resource.Resources, text []byte) error {
	var given map[string]any
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	object := &unstructured.Unstructured{Object: given}
	if object.GroupVersionKind().Group == gwapiv1.GroupName {
		checked, err := checkedObject(object, text)
		if err != nil {
			return err
		}
		object = checked
	}
	switch kind := object.GetKind(); kind {
	case resource.KindGatewayClass:
		resources.GatewayClass = &gwapiv1.GatewayClass{}
		return into(object, resources.GatewayClass)
	case resource.KindGateway:
		return appended(object, &resources.Gateways)
	case resource.KindHTTPRoute:
		return appended(object, &resources.HTTPRoutes)
	case resource.KindGRPCRoute:
		return appended(object, &resources.GRPCRoutes)
	case resource.KindReferenceGrant:
		return appended[gwapiv1b1.ReferenceGrant](object, &resources.ReferenceGrants)
	case resource.KindNamespace:
		return appended[corev1.Namespace](object, &resources.Namespaces)
	case resource.KindService:
		return appended[corev1.Service](object, &resources.Services)
	case "EndpointSlice":
		return appended[discoveryv1.EndpointSlice](object, &resources.EndpointSlices)
	case resource.KindSecret:
		if err := appended[corev1.Secret](object, &resources.Secrets); err != nil {
			return err
		}
		data, err := envoy.Certificate()
		resources.Secrets[len(resources.Secrets)-1].Data = data
		return err
	default:
		return fmt.Errorf("no kind %q", kind)
	}
}

// Schemas are slow, and a set that is made smaller holds the same objects again and again.
var checkedObjects = map[string]*unstructured.Unstructured{}

func checkedObject(object *unstructured.Unstructured, text []byte) (*unstructured.Unstructured, error) {
	if known := checkedObjects[string(text)]; known != nil {
		return known, nil
	}
	if err := resource.GetDefaultValidator().Validate(text); err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
	}
	checked, err := resource.GetGatewaySchemaDefaulter().ApplyDefault(object)
	if err == nil {
		checkedObjects[string(text)] = checked
	}
	return checked, err
}

func appended[T any](object *unstructured.Unstructured, to *[]*T) error {
	made := new(T)
	*to = append(*to, made)
	return into(object, made)
}

func into(object *unstructured.Unstructured, target any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, target)
}

// conditionsOf lists what is false in the status of Gateways' listeners and of routes.
func conditionsOf(translated *gatewayapi.TranslateResult) conditions {
	found := conditions{}
	for _, gateway := range translated.Gateways {
		for _, listener := range gateway.Status.Listeners {
			for _, each := range listener.Conditions {
				if each.Status == "False" || each.Type == "Conflicted" {
					name := "Gateway/" + gateway.Name + "/" + string(listener.Name)
					found[name] = append(found[name], each.Type+"="+string(each.Status)+" "+each.Reason+": "+each.Message)
				}
			}
		}
	}
	routes := map[string]gwapiv1.RouteStatus{}
	for _, route := range translated.HTTPRoutes {
		routes["HTTPRoute/"+route.Namespace+"/"+route.Name] = route.Status.RouteStatus
	}
	for _, route := range translated.GRPCRoutes {
		routes["GRPCRoute/"+route.Namespace+"/"+route.Name] = route.Status.RouteStatus
	}
	for name, status := range routes {
		for _, parent := range status.Parents {
			for _, each := range parent.Conditions {
				if each.Status == "False" || each.Type == "PartiallyInvalid" {
					found[name] = append(found[name], string(parent.ParentRef.Name)+": "+each.Type+" "+each.Reason+": "+each.Message)
				}
			}
		}
	}
	return found
}
