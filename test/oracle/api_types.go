package main

import (
	"fmt"
	"path"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// decoded are types that read their JSON by a function of their own.
var decoded = map[reflect.Type]string{
	reflect.TypeOf(metav1.Time{}):          "time",
	reflect.TypeOf(metav1.MicroTime{}):     "time",
	reflect.TypeOf(metav1.FieldsV1{}):      "anything",
	reflect.TypeOf(runtime.RawExtension{}): "anything",
	reflect.TypeOf(resource.Quantity{}):    "quantity",
	reflect.TypeOf(intstr.IntOrString{}):   "integer-or-text",
}

// apiTypes are the fields of the kinds' types and of all that they hold, in the API's order: `name:text ports:[Port]`.
// What a status holds is the server's own business.
func apiTypes() map[string]string {
	types := map[string]string{}
	for _, root := range shaped {
		expression(reflect.TypeOf(root), types)
	}
	return types
}

func expression(t reflect.Type, types map[string]string) string {
	if name, ok := decoded[t]; ok {
		return name
	}
	switch t.Kind() {
	case reflect.Pointer:
		return expression(t.Elem(), types)
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "boolean"
	case reflect.Int32:
		return "int32"
	case reflect.Int64:
		return "int64"
	case reflect.Map:
		return "{" + expression(t.Elem(), types) + "}"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "base64"
		}
		return "[" + expression(t.Elem(), types) + "]"
	case reflect.Struct:
		name := typeName(t)
		if _, known := types[name]; !known {
			types[name] = ""
			types[name] = strings.Join(fieldsOf(t, types), " ")
		}
		return name
	}
	panic(fmt.Sprintf("no expression for %v", t))
}

// typeName is the type's own, with its group unless that is the core's.
func typeName(t reflect.Type) string {
	group := path.Base(path.Dir(t.PkgPath()))
	if group == "core" || group == "meta" {
		return t.Name()
	}
	return group + "." + t.Name()
}

func fieldsOf(t reflect.Type, types map[string]string) []string {
	fields := []string{}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name == "" && (strings.Contains(options, "inline") || field.Anonymous) {
			fields = append(fields, fieldsOf(field.Type, types)...)
		} else if _, hasMeta := t.FieldByName("ObjectMeta"); hasMeta && name == "status" {
			fields = append(fields, "status:anything")
		} else {
			fields = append(fields, name+":"+expression(field.Type, types))
		}
	}
	return fields
}
