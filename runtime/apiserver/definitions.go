package apiserver

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/util"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// ownDefinitions describe what the server speaks of its own accord. A project's generated definitions have most of it
// and go first; a server with no types yet has no others.
func ownDefinitions(ref openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
	all := map[string]openapicommon.OpenAPIDefinition{}
	for _, answer := range []any{
		metav1.APIGroup{}, metav1.APIGroupList{}, metav1.APIResourceList{}, metav1.APIVersions{}, metav1.Status{}, version.Info{},
	} {
		all[util.GetCanonicalTypeName(answer)] = object("")
	}

	meta, wanted, current := util.GetCanonicalTypeName(metav1.ObjectMeta{}), util.GetCanonicalTypeName(autoscalingv1.ScaleSpec{}), util.GetCanonicalTypeName(autoscalingv1.ScaleStatus{})
	all[meta] = object("Standard object's metadata.")
	all[wanted] = object("What is asked for.", "replicas", integer("How many instances there should be."))
	all[current] = object("What there is.",
		"replicas", integer("How many instances there are."),
		"selector", *spec.StringProperty().WithDescription("A label selector, as text, for the instances."))
	scale := object("The number of instances of an object, asked for and actual.",
		"apiVersion", *spec.StringProperty(),
		"kind", *spec.StringProperty(),
		"metadata", reference(ref, meta), "spec", reference(ref, wanted), "status", reference(ref, current))
	scale.Dependencies = []string{meta, wanted, current}
	all[util.GetCanonicalTypeName(autoscalingv1.Scale{})] = scale
	return all
}

// object describes an object with properties: names and schemas in turn.
func object(description string, properties ...any) openapicommon.OpenAPIDefinition {
	schema := spec.Schema{SchemaProps: spec.SchemaProps{Description: description, Type: []string{"object"}}}
	for i := 0; i < len(properties); i += 2 {
		schema.SetProperty(properties[i].(string), properties[i+1].(spec.Schema))
	}
	return openapicommon.OpenAPIDefinition{Schema: schema}
}

func integer(description string) spec.Schema {
	return *spec.Int32Property().WithDescription(description)
}

func reference(ref openapicommon.ReferenceCallback, name string) spec.Schema {
	return spec.Schema{SchemaProps: spec.SchemaProps{Default: map[string]any{}, Ref: ref(name)}}
}
