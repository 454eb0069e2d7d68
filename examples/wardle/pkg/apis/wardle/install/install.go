// Package install registers the API group wardle.example.com in a scheme, in every version.
package install

import (
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"

	"example.com/wardle/pkg/apis/wardle"
	wardlev1alpha1 "example.com/wardle/pkg/apis/wardle/v1alpha1"
	wardlev1beta1 "example.com/wardle/pkg/apis/wardle/v1beta1"
)

// Install adds the types of all versions to the scheme and ranks the versions: clients that do not ask for one get
// the first.
func Install(scheme *runtime.Scheme) {
	utilruntime.Must(wardle.AddToScheme(scheme))
	utilruntime.Must(wardlev1alpha1.AddToScheme(scheme))
	utilruntime.Must(wardlev1beta1.AddToScheme(scheme))
	utilruntime.Must(scheme.SetVersionPriority(wardlev1beta1.SchemeGroupVersion, wardlev1alpha1.SchemeGroupVersion))
}
