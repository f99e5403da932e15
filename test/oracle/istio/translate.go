package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	envoy "google.golang.org/grpc/judge"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	metadatafake "k8s.io/client-go/metadata/fake"
	clienttesting "k8s.io/client-go/testing"
	"sigs.k8s.io/gateway-api/pkg/consts"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/crd"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"
	"istio.io/istio/pkg/test/env"
)

// proxy is an Envoy that pilot configures. Its pod and the Service before it are among the objects.
type proxy struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Address   string            `json:"address"`
	// The port on which it listens for each of its Service's.
	Ports map[int32]int32 `json:"ports"`
}

func init() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
}

// translate runs pilot as its own tests do (pilot/test/xds), over a cluster that holds the objects. Those of the Gateway
// API are checked and given their defaults by the CRDs' schemas first, as the API server would.
func translate(q question) (tables map[string]*envoy.Configuration, err error) {
	objects := []runtime.Object{}
	for _, each := range q.Objects {
		object, err := read(each)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	// Else each server would be kept forever, to be debugged.
	krt.GlobalDebugHandler = new(krt.DebugHandler)
	err = test.Wrap(func(t test.Failer) {
		server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			KubernetesObjects:  objects,
			KubeClientModifier: withVersions,
		})
		before := ""
		// What the first push found out is read anew by the controllers, and pushed again.
		for same, tries := 0, 0; same < 3 && tries < 500; tries++ {
			server.EnsureSynced(t)
			tables = map[string]*envoy.Configuration{}
			text := ""
			for _, name := range slices.Sorted(maps.Keys(q.Proxies)) {
				tables[name] = sentTo(server, q.Proxies[name])
				text += name + string(sent(tables[name]))
			}
			if text == before {
				same++
			} else {
				same, before = 0, text
			}
			time.Sleep(2 * time.Millisecond)
		}
	})
	return tables, err
}

// withVersions makes the CRDs those of a version: without one, pilot looks at no GRPCRoute (pkg/kube/kclient/crdwatcher.go).
func withVersions(client kube.Client) {
	metadata, ok := client.Metadata().(*metadatafake.FakeMetadataClient)
	if !ok {
		panic("no fake client")
	}
	metadata.PrependReactor("create", "customresourcedefinitions", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if create, ok := action.(clienttesting.CreateAction); ok {
			if crd, ok := create.GetObject().(*metav1.PartialObjectMetadata); ok {
				crd.Annotations = map[string]string{consts.BundleVersionAnnotation: consts.BundleVersion}
			}
		}
		return false, nil, nil
	})
}

func sentTo(server *xds.FakeDiscoveryServer, each proxy) *envoy.Configuration {
	node := server.SetupProxy(&model.Proxy{
		Type:            model.Router,
		ConfigNamespace: each.Namespace,
		Labels:          each.Labels,
		IPAddresses:     []string{each.Address},
		ID:              "proxy." + each.Namespace,
		Metadata: &model.NodeMetadata{
			Namespace: each.Namespace,
			Labels:    each.Labels,
			ClusterID: constants.DefaultClusterName,
		},
	})
	made := &envoy.Configuration{
		Ports:     each.Ports,
		Listeners: slices.SortedFunc(slices.Values(server.Listeners(node)), byName),
		Routes:    map[string]*routev3.RouteConfiguration{},
		Clusters:  map[string]*clusterv3.Cluster{},
		Endpoints: map[string]*endpointv3.ClusterLoadAssignment{},
	}
	for _, route := range server.RoutesFromListeners(node, made.Listeners) {
		made.Routes[route.GetName()] = route
	}
	for _, cluster := range server.Clusters(node) {
		made.Clusters[cluster.GetName()] = cluster
	}
	for _, assignment := range server.Endpoints(node) {
		made.Endpoints[assignment.GetClusterName()] = assignment
	}
	return made
}

// byName: pilot has them in a map.
func byName(a, b *listenerv3.Listener) int { return cmp.Compare(a.GetName(), b.GetName()) }

// sent is what a person reads of it, and by what two are told apart.
func sent(t *envoy.Configuration) json.RawMessage {
	messages := map[string][]json.RawMessage{}
	add := func(kind string, each proto.Message) {
		text, err := protojson.Marshal(each)
		if err != nil {
			text, _ = json.Marshal(err.Error())
		}
		messages[kind] = append(messages[kind], text)
	}
	for _, each := range t.Listeners {
		add("listeners", each)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Routes)) {
		add("routes", t.Routes[name])
	}
	for _, name := range slices.Sorted(maps.Keys(t.Endpoints)) {
		add("endpoints", t.Endpoints[name])
	}
	text, _ := json.Marshal(messages)
	return text
}

var schemas = sync.OnceValues(func() (*crd.Validator, error) {
	return crd.NewValidatorFromFilesWithOptions(
		[]string{filepath.Join(env.IstioSrc, "tests/integration/pilot/testdata/gateway-api-crd.yaml")},
		crd.WithoutCRDValidation(),
	)
})

// Schemas are slow, and a set that is made smaller holds the same objects again and again.
var checkedObjects = map[string]runtime.Object{}

func read(text []byte) (runtime.Object, error) {
	if known := checkedObjects[string(text)]; known != nil {
		return known.DeepCopyObject(), nil
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	if object.GroupVersionKind().Group == "gateway.networking.k8s.io" {
		validator, err := schemas()
		if err != nil {
			return nil, err
		}
		// It also fills in the defaults.
		if err := validator.ValidateCustomResource(object); err != nil {
			return nil, fmt.Errorf("%s %s is invalid: %w", object.GetKind(), object.GetName(), err)
		}
	}
	whole, err := json.Marshal(object.Object)
	if err != nil {
		return nil, err
	}
	made, _, err := kube.IstioCodec.UniversalDeserializer().Decode(whole, nil, nil)
	if err != nil {
		return nil, err
	}
	if secret, ok := made.(*corev1.Secret); ok {
		if secret.Data, err = envoy.Certificate(); err != nil {
			return nil, err
		}
	}
	checkedObjects[string(text)] = made
	return made.DeepCopyObject(), nil
}
