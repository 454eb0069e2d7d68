package v1

import (
	"k8s.io/apimachinery/pkg/runtime"
)

// addDefaultingFuncs registers the generated defaulters. They set the fields that carry a +default marker, and call
// the functions of this package that are named after the type they set defaults in, such as
//
//	func SetDefaults_FooSpec(spec *FooSpec)
func addDefaultingFuncs(scheme *runtime.Scheme) error {
	return RegisterDefaults(scheme)
}

// SetDefaults_Bar sets what a client has left out: defaults that follow from other fields, as no +default marker of a field
// can say. Generated code calls it for each Bar that comes in, before it is validated.
func SetDefaults_Bar(object *Bar) {
	if object.Spec.Description == "" {
		object.Spec.Description = object.Name
	}
}
