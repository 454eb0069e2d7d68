// Package install registers the API group example in a scheme, in every version.
package install

import (
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"

	"example.com/demo/pkg/apis/example"
	examplev1 "example.com/demo/pkg/apis/example/v1"
	examplev2 "example.com/demo/pkg/apis/example/v2"
)

// Install adds the types of all versions to the scheme and ranks the versions: clients that do not ask for one get
// the first.
func Install(scheme *runtime.Scheme) {
	utilruntime.Must(example.AddToScheme(scheme))
	utilruntime.Must(examplev1.AddToScheme(scheme))
	utilruntime.Must(examplev2.AddToScheme(scheme))
	utilruntime.Must(scheme.SetVersionPriority(examplev1.SchemeGroupVersion, examplev2.SchemeGroupVersion))
}
