// The judge: the API server's own code for custom resources says what it has against an object when it is created. Its
// definitions come first, then one object a line in, one answer a line out, as JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kschema "k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

type question struct {
	// The definitions of a release, by its name.
	Definitions []string        `json:"definitions"`
	Release     string          `json:"release"`
	Object      json.RawMessage `json:"object"`
}

type fieldError struct {
	Field  string `json:"field"`
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

// served is a version of a kind, as its handler has it.
type served struct {
	structural *schema.Structural
	strategy   interface {
		PrepareForCreate(context.Context, runtime.Object)
		Validate(context.Context, runtime.Object) field.ErrorList
	}
}

var releases = map[string]map[kschema.GroupVersionKind]served{}

// define takes a definition as the handler of customresource_handler.go does.
func define(text string, kinds map[kschema.GroupVersionKind]served) error {
	var given v1.CustomResourceDefinition
	if err := yaml.Unmarshal([]byte(text), &given); err != nil {
		return err
	}
	v1.SetDefaults_CustomResourceDefinition(&given)
	for i := range given.Spec.Versions {
		var definition apiextensions.CustomResourceDefinition
		if err := v1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&given, &definition, nil); err != nil {
			return err
		}
		version := given.Spec.Versions[i]
		if !version.Served {
			continue
		}
		of, err := apiextensions.GetSchemaForVersion(&definition, version.Name)
		if err != nil {
			return err
		}
		structural, err := schema.NewStructural(of.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		validator, _, err := validation.NewSchemaValidator(of.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		subresources, err := apiextensions.GetSubresourcesForVersion(&definition, version.Name)
		if err != nil {
			return err
		}
		var status *apiextensions.CustomResourceSubresourceStatus
		if subresources != nil {
			status = subresources.Status
		}
		kind := kschema.GroupVersionKind{Group: given.Spec.Group, Version: version.Name, Kind: given.Spec.Names.Kind}
		isNamespaced := given.Spec.Scope == v1.NamespaceScoped
		strategy := customresource.NewStrategy(nil, isNamespaced, kind, validator, nil, structural, status, nil, nil)
		kinds[kind] = served{structural, strategy}
	}
	return nil
}

func judge(release string, text json.RawMessage) ([]fieldError, error) {
	var content map[string]any
	if err := kjson.Unmarshal(text, &content); err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{Object: content}
	kind, known := releases[release][object.GroupVersionKind()]
	if !known {
		return nil, fmt.Errorf("no kind %v in %s", object.GroupVersionKind(), release)
	}
	found := []fieldError{}
	// The order of customresource_handler.go: the decoder's defaulter, then unstructuredSchemaCoercer.
	defaulting.Default(content, kind.structural)
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	for _, path := range pruning.PruneWithOptions(content, kind.structural, true, options) {
		found = append(found, fieldError{Field: path, Type: "UnknownField"})
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(content, kind.structural)
	kind.strategy.PrepareForCreate(context.Background(), object)
	for _, each := range kind.strategy.Validate(context.Background(), object) {
		found = append(found, fieldError{Field: each.Field, Type: string(each.Type), Detail: each.Detail})
	}
	return found, nil
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 1 {
			answer := map[string]any{}
			if problem := answerTo(line, answer); problem != nil {
				answer = map[string]any{"error": problem.Error()}
			}
			if problem := answers.Encode(answer); problem != nil {
				fmt.Fprintln(os.Stderr, problem)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}

func answerTo(line []byte, answer map[string]any) error {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return err
	}
	if q.Object == nil {
		kinds := map[kschema.GroupVersionKind]served{}
		for _, text := range q.Definitions {
			if err := define(text, kinds); err != nil {
				return err
			}
		}
		releases[q.Release] = kinds
		answer["kinds"] = len(kinds)
		return nil
	}
	errors, err := judge(q.Release, q.Object)
	answer["errors"] = errors
	return err
}
