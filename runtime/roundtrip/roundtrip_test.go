package roundtrip

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	wardlefuzzer "k8s.io/sample-apiserver/pkg/apis/wardle/fuzzer"
	"k8s.io/sample-apiserver/pkg/apis/wardle/install"
	"k8s.io/sample-apiserver/pkg/apis/wardle/v1beta1"
)

// Upstream's sample has two versions, of which one converts by hand and sets defaults.
func TestUpstreamsSample(t *testing.T) {
	Test(t, install.Install, wardlefuzzer.Funcs)
}

// Without the defaults set first, a default that v1beta1 does not have by itself would be reported as a change.
func TestDefaultsAreNoChange(t *testing.T) {
	Test(t, func(scheme *runtime.Scheme) {
		install.Install(scheme)
		scheme.AddTypeDefaultingFunc(&v1beta1.Flunder{}, func(object any) { setReferenceType(object.(*v1beta1.Flunder)) })
		scheme.AddTypeDefaultingFunc(&v1beta1.FlunderList{}, func(object any) {
			for i := range object.(*v1beta1.FlunderList).Items {
				setReferenceType(&object.(*v1beta1.FlunderList).Items[i])
			}
		})
	}, wardlefuzzer.Funcs)
}

func setReferenceType(flunder *v1beta1.Flunder) {
	if flunder.Spec.ReferenceType == "" {
		flunder.Spec.ReferenceType = v1beta1.FlunderReferenceType
	}
}
