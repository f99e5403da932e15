package main

import (
	"encoding/json"
	"fmt"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	service "k8s.io/kubernetes/pkg/api/v1/service"
	core "k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	discovery "k8s.io/kubernetes/pkg/apis/discovery"
	discoveryconversion "k8s.io/kubernetes/pkg/apis/discovery/v1"
	discoveryvalidation "k8s.io/kubernetes/pkg/apis/discovery/validation"
	kjson "sigs.k8s.io/json"
)

// fieldError is one of the API server's, reduced to where and what kind.
type fieldError struct {
	Field string `json:"field"`
	Type  string `json:"type"`
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
		return append(unknown(strict), reduced(serviceErrors(&given))...), nil
	case "EndpointSlice":
		var given discoveryv1.EndpointSlice
		strict, err := kjson.UnmarshalStrict(object, &given)
		if err != nil {
			return []fieldError{{Field: "", Type: "WrongType"}}, nil
		}
		return append(unknown(strict), reduced(sliceErrors(&given))...), nil
	}
	return nil, fmt.Errorf("no kind %q", kind.Kind)
}

func serviceErrors(given *v1.Service) field.ErrorList {
	given.Namespace = "default"
	corev1.SetObjectDefaults_Service(given)
	// What pkg/registry/core/service does before it validates.
	if given.Spec.ClusterIP != "" && len(given.Spec.ClusterIPs) == 0 {
		given.Spec.ClusterIPs = []string{given.Spec.ClusterIP}
	}
	if service.NeedsHealthCheck(given) && given.Spec.HealthCheckNodePort == 0 {
		given.Spec.HealthCheckNodePort = 31999
	}
	var internal core.Service
	if err := corev1.Convert_v1_Service_To_core_Service(given, &internal, nil); err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	return corevalidation.ValidateServiceCreate(&internal)
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
