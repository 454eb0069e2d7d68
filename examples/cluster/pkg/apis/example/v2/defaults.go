package v2

import (
	"k8s.io/apimachinery/pkg/runtime"
)

// addDefaultingFuncs registers the generated defaulters. They set the fields that carry a +default marker, and call
// the functions of this package that are named after the type they set defaults in, such as
//
//	func SetDefaults_BarSpec(spec *BarSpec)
func addDefaultingFuncs(scheme *runtime.Scheme) error {
	return RegisterDefaults(scheme)
}
