package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	gatewayv1beta1 "sigs.k8s.io/gateway-api/apis/v1beta1"

	envoy "google.golang.org/grpc/judge"
)

// Each kind that Contour looks at here, as its own type.
var kinds = map[string]func() client.Object{
	"Namespace":      func() client.Object { return &corev1.Namespace{} },
	"Service":        func() client.Object { return &corev1.Service{} },
	"Secret":         func() client.Object { return &corev1.Secret{} },
	"EndpointSlice":  func() client.Object { return &discoveryv1.EndpointSlice{} },
	"Ingress":        func() client.Object { return &networkingv1.Ingress{} },
	"IngressClass":   func() client.Object { return &networkingv1.IngressClass{} },
	"GatewayClass":   func() client.Object { return &gatewayv1.GatewayClass{} },
	"Gateway":        func() client.Object { return &gatewayv1.Gateway{} },
	"HTTPRoute":      func() client.Object { return &gatewayv1.HTTPRoute{} },
	"GRPCRoute":      func() client.Object { return &gatewayv1.GRPCRoute{} },
	"ReferenceGrant": func() client.Object { return &gatewayv1beta1.ReferenceGrant{} },
}

func read(texts []json.RawMessage) ([]client.Object, error) {
	found := []client.Object{}
	for _, text := range texts {
		var given map[string]any
		// With whole numbers as such.
		if err := utiljson.Unmarshal(text, &given); err != nil {
			return nil, err
		}
		object := &unstructured.Unstructured{Object: given}
		if object.GroupVersionKind().Group == gatewayv1.GroupName {
			checked, err := checkedObject(object, text)
			if err != nil {
				return nil, err
			}
			object = checked
		}
		empty := kinds[object.GetKind()]
		if empty == nil {
			return nil, fmt.Errorf("no kind %q", object.GetKind())
		}
		made := empty()
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, made); err != nil {
			return nil, err
		}
		if secret, ok := made.(*corev1.Secret); ok && secret.Type == corev1.SecretTypeTLS {
			data, err := envoy.Certificate()
			if err != nil {
				return nil, err
			}
			secret.Data = data
		}
		found = append(found, made)
	}
	return found, nil
}

// definition is what the API server makes of a version of a custom resource's schema.
type definition struct {
	schema    *schema.Structural
	validator validation.SchemaValidator
	rules     *cel.Validator
}

// definitions are those of the Gateway API that Contour installs, `examples/gateway/00-crds.yaml` in its module: they
// are put beside this program when it is built.
var definitions = sync.OnceValues(func() (map[string]definition, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	file, err := os.ReadFile(filepath.Join(filepath.Dir(program), "contour-crds.yaml"))
	if err != nil {
		return nil, err
	}
	found := map[string]definition{}
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(file), 4096)
	for {
		resource := &apiextensionsv1.CustomResourceDefinition{}
		if err := documents.Decode(resource); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		for _, version := range resource.Spec.Versions {
			props := &apiextensions.JSONSchemaProps{}
			if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(
				version.Schema.OpenAPIV3Schema, props, nil); err != nil {
				return nil, err
			}
			structural, err := schema.NewStructural(props)
			if err != nil {
				return nil, err
			}
			validator, _, err := validation.NewSchemaValidator(props)
			if err != nil {
				return nil, err
			}
			found[version.Name+" "+resource.Spec.Names.Kind] = definition{
				structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit),
			}
		}
	}
})

// Schemas are slow, and a set that is made smaller holds the same objects again and again.
var checkedObjects = map[string]*unstructured.Unstructured{}

// checkedObject has its defaults, and was checked, as the API server would.
func checkedObject(object *unstructured.Unstructured, text []byte) (*unstructured.Unstructured, error) {
	if known := checkedObjects[string(text)]; known != nil {
		return known.DeepCopy(), nil
	}
	all, err := definitions()
	if err != nil {
		return nil, err
	}
	of, ok := all[object.GroupVersionKind().Version+" "+object.GetKind()]
	if !ok {
		return nil, fmt.Errorf("%s %s is invalid: there is no such kind and version", object.GetAPIVersion(), object.GetKind())
	}
	defaulting.Default(object.Object, of.schema)
	problems := validation.ValidateCustomResource(nil, object.Object, of.validator)
	if len(problems) == 0 && of.rules != nil {
		found, _ := of.rules.Validate(
			context.Background(), field.NewPath(""), of.schema, object.Object, nil, celconfig.RuntimeCELCostBudget)
		problems = found
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s %s is invalid: %v", object.GetKind(), object.GetName(), problems.ToAggregate())
	}
	checkedObjects[string(text)] = object.DeepCopy()
	return object, nil
}
