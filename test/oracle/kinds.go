package main

import (
	"context"
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	kjson "sigs.k8s.io/json"
)

// created is a kind that its registry's strategy judges: whole, with the API server's defaults.
type created struct {
	given    func() runtime.Object
	strategy rest.RESTCreateStrategy
	resource string
}

var kinds = map[string]created{
	"Pod":                     {func() runtime.Object { return &v1.Pod{} }, pod.Strategy, "pods"},
	"ConfigMap":               {func() runtime.Object { return &v1.ConfigMap{} }, configmap.Strategy, "configmaps"},
	"Secret":                  {func() runtime.Object { return &v1.Secret{} }, secret.Strategy, "secrets"},
	"Endpoints":               {func() runtime.Object { return &v1.Endpoints{} }, endpoint.Strategy, "endpoints"},
	"ReplicationController":   {func() runtime.Object { return &v1.ReplicationController{} }, replicationcontroller.Strategy, "replicationcontrollers"},
	"Deployment":              {func() runtime.Object { return &appsv1.Deployment{} }, deployment.Strategy, "deployments"},
	"StatefulSet":             {func() runtime.Object { return &appsv1.StatefulSet{} }, statefulset.Strategy, "statefulsets"},
	"DaemonSet":               {func() runtime.Object { return &appsv1.DaemonSet{} }, daemonset.Strategy, "daemonsets"},
	"ReplicaSet":              {func() runtime.Object { return &appsv1.ReplicaSet{} }, replicaset.Strategy, "replicasets"},
	"Job":                     {func() runtime.Object { return &batchv1.Job{} }, job.Strategy, "jobs"},
	"CronJob":                 {func() runtime.Object { return &batchv1.CronJob{} }, cronjob.Strategy, "cronjobs"},
	"Ingress":                 {func() runtime.Object { return &networkingv1.Ingress{} }, ingress.Strategy, "ingresses"},
	"IngressClass":            {func() runtime.Object { return &networkingv1.IngressClass{} }, ingressclass.Strategy, "ingressclasses"},
	"NetworkPolicy":           {func() runtime.Object { return &networkingv1.NetworkPolicy{} }, networkpolicy.Strategy, "networkpolicies"},
	"PodDisruptionBudget":     {func() runtime.Object { return &policyv1.PodDisruptionBudget{} }, poddisruptionbudget.Strategy, "poddisruptionbudgets"},
	"HorizontalPodAutoscaler": {func() runtime.Object { return &autoscalingv2.HorizontalPodAutoscaler{} }, horizontalpodautoscaler.Strategy, "horizontalpodautoscalers"},
}

// creationErrors are what the registry has against an object before it is stored: decoded, defaulted, made internal.
func creationErrors(kind created, object json.RawMessage) ([]fieldError, error) {
	given := kind.given()
	strict, err := kjson.UnmarshalStrict(object, given)
	if err != nil {
		return []fieldError{{Field: "", Type: "WrongType"}}, nil
	}
	legacyscheme.Scheme.Default(given)
	kinds, _, err := legacyscheme.Scheme.ObjectKinds(given)
	if err != nil {
		return nil, err
	}
	internal, err := legacyscheme.Scheme.ConvertToVersion(given, runtime.InternalGroupVersioner)
	if err != nil {
		return nil, err
	}
	accessor, err := meta.Accessor(internal)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if kind.strategy.NamespaceScoped() {
		if accessor.GetNamespace() == "" {
			accessor.SetNamespace("default")
		}
		ctx = genericapirequest.WithNamespace(ctx, accessor.GetNamespace())
	} else {
		ctx = genericapirequest.WithNamespace(ctx, "")
	}
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		APIGroup: kinds[0].Group, APIVersion: kinds[0].Version, Resource: kind.resource, Verb: "create",
	})
	rest.FillObjectMetaSystemFields(accessor)
	if accessor.GetGenerateName() != "" && accessor.GetName() == "" {
		accessor.SetName(kind.strategy.GenerateName(accessor.GetGenerateName()))
	}
	found := unknown(strict)
	problem := rest.BeforeCreate(kind.strategy, ctx, internal)
	if problem == nil {
		return found, nil
	}
	status, isStatus := problem.(apierrors.APIStatus)
	if !isStatus || status.Status().Details == nil {
		return nil, problem
	}
	for _, cause := range status.Status().Details.Causes {
		found = append(found, fieldError{Field: cause.Field, Type: string(cause.Type)})
	}
	return found, nil
}

// shaped are the kinds whose fields and their types are handed out: see shapes.go.
var shaped = func() map[string]any {
	all := map[string]any{"Service": v1.Service{}, "EndpointSlice": discoveryv1.EndpointSlice{}}
	for name, kind := range kinds {
		all[name] = kind.given()
	}
	return all
}()
