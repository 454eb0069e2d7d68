// Package serve makes a part of a control plane out of the toys.
package serve

import (
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/util"
	"k8s.io/kube-openapi/pkg/validation/spec"
	sampleopenapi "k8s.io/sample-apiserver/pkg/generated/openapi"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys"
	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
)

// Groups returns the part.
func Groups() controlplane.Part {
	return controlplane.Groups{
		OpenAPI: definitions,
		Groups:  []apiserver.Group{{Install: Install, NewRESTStorage: newRESTStorage}},
	}
}

// Install registers the group.
func Install(scheme *runtime.Scheme) {
	internal := schema.GroupVersion{Group: toys.GroupName, Version: runtime.APIVersionInternal}
	scheme.AddKnownTypes(internal, &toys.Robot{}, &toys.RobotList{})
	utilruntime.Must(toysv1.AddToScheme(scheme))
	utilruntime.Must(scheme.SetVersionPriority(toysv1.SchemeGroupVersion))
}

func newRESTStorage(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	info := genericapiserver.NewDefaultAPIGroupInfo(toys.GroupName, scheme, metav1.ParameterCodec, serializer.NewCodecFactory(scheme))
	robots, err := newStorage(scheme, getter)
	if err != nil {
		return info, err
	}
	info.VersionedResourcesStorageMap["v1"] = map[string]rest.Storage{
		"robots":        robots.robot,
		"robots/status": robots.status,
		"robots/scale":  robots.scale,
	}
	return info, nil
}

// definitions are what kubecraft generate would write.
func definitions(ref openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
	all := sampleopenapi.GetOpenAPIDefinitions(ref)
	meta := util.GetCanonicalTypeName(metav1.ObjectMeta{})
	listMeta := util.GetCanonicalTypeName(metav1.ListMeta{})
	name := func(v any) string { return util.GetCanonicalTypeName(v) }
	to := func(name string) spec.Schema {
		return spec.Schema{SchemaProps: spec.SchemaProps{Default: map[string]any{}, Ref: ref(name)}}
	}
	object := func(description string, properties map[string]spec.Schema, uses ...string) openapicommon.OpenAPIDefinition {
		return openapicommon.OpenAPIDefinition{Dependencies: uses, Schema: spec.Schema{SchemaProps: spec.SchemaProps{
			Description: description, Type: []string{"object"}, Properties: properties,
		}}}
	}
	text, number := *spec.StringProperty().WithDescription("Some text."), *spec.Int32Property().WithDescription("Some number.")
	robot, robotSpec, robotStatus := name(toysv1.Robot{}), name(toysv1.RobotSpec{}), name(toysv1.RobotStatus{})
	maps.Copy(all, map[string]openapicommon.OpenAPIDefinition{
		robotSpec:   object("What is asked for.", map[string]spec.Schema{"model": text, "replicas": number}),
		robotStatus: object("What there is.", map[string]spec.Schema{"phase": text, "replicas": number}),
		robot: object("A toy that moves.", map[string]spec.Schema{
			"apiVersion": text, "kind": text, "metadata": to(meta), "spec": to(robotSpec), "status": to(robotStatus),
		}, meta, robotSpec, robotStatus),
		name(toysv1.RobotList{}): object("Toys that move.", map[string]spec.Schema{
			"apiVersion": text, "kind": text, "metadata": to(listMeta),
			"items": *spec.ArrayProperty(&spec.Schema{SchemaProps: spec.SchemaProps{Ref: ref(robot)}}),
		}, listMeta, robot),
	})
	return all
}
