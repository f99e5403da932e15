package main

import (
	"encoding/json"
	"fmt"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	service "k8s.io/kubernetes/pkg/api/v1/service"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	discovery "k8s.io/kubernetes/pkg/apis/discovery"
	discoveryconversion "k8s.io/kubernetes/pkg/apis/discovery/v1"
	discoveryvalidation "k8s.io/kubernetes/pkg/apis/discovery/validation"
	"k8s.io/kubernetes/pkg/registry/core/service/storage"
	kjson "sigs.k8s.io/json"
)

// fieldError is one of the API server's, reduced to where and what kind; the allocators' also say why.
type fieldError struct {
	Field   string `json:"field"`
	Type    string `json:"type"`
	Message string `json:"message,omitempty"`
}

// validate says what the API server has against an object when it is created.
func validate(object json.RawMessage) ([]fieldError, error) {
	var kind struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(object, &kind); err != nil {
		return nil, err
	}
	switch kind.Kind {
	case "Service":
		var given v1.Service
		strict, err := kjson.UnmarshalStrict(object, &given)
		if err != nil {
			return []fieldError{{Field: "", Type: "WrongType"}}, nil
		}
		found, err := serviceErrors(&given)
		return append(unknown(strict), found...), err
	case "EndpointSlice":
		var given discoveryv1.EndpointSlice
		strict, err := kjson.UnmarshalStrict(object, &given)
		if err != nil {
			return []fieldError{{Field: "", Type: "WrongType"}}, nil
		}
		return append(unknown(strict), reduced(sliceErrors(&given))...), nil
	}
	if known, ok := kinds[kind.Kind]; ok {
		return creationErrors(known, object)
	}
	return nil, fmt.Errorf("no kind %q", kind.Kind)
}

// serviceErrors are what the storage has against the families on a cluster that has both, and the validation's.
func serviceErrors(given *v1.Service) ([]fieldError, error) {
	internal, err := prepared(given)
	if err != nil {
		return nil, err
	}
	allocators, err := newAllocators([]string{"10.0.0.0/8", "fd00::/64"}, "30000-32767")
	if err != nil {
		return nil, err
	}
	found := causes(initIPFamilyFields(&allocators, storage.After{Service: internal.DeepCopy()}, storage.Before{}))
	for i := range found {
		found[i].Message = ""
	}
	if service.NeedsHealthCheck(given) && internal.Spec.HealthCheckNodePort == 0 {
		internal.Spec.HealthCheckNodePort = 31999
	}
	return append(found, reduced(corevalidation.ValidateServiceCreate(internal))...), nil
}

func sliceErrors(given *discoveryv1.EndpointSlice) field.ErrorList {
	given.Namespace = "default"
	discoveryconversion.SetObjectDefaults_EndpointSlice(given)
	var internal discovery.EndpointSlice
	if err := discoveryconversion.Convert_v1_EndpointSlice_To_discovery_EndpointSlice(given, &internal, nil); err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	return discoveryvalidation.ValidateEndpointSliceCreate(&internal)
}

func unknown(strict []error) []fieldError {
	found := []fieldError{}
	for _, each := range strict {
		var name string
		if _, err := fmt.Sscanf(each.Error(), "unknown field %q", &name); err == nil {
			found = append(found, fieldError{Field: name, Type: "UnknownField"})
		}
	}
	return found
}

func reduced(errors field.ErrorList) []fieldError {
	found := []fieldError{}
	for _, each := range errors {
		found = append(found, fieldError{Field: each.Field, Type: string(each.Type)})
	}
	return found
}
