package bar

import (
	"math/rand"
	"testing"

	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"

	"example.com/demo/pkg/apis/example"
)

// Whatever is written to bars/approve, only status.phase and the generation, if the spec has changed, are taken from it.
func TestApproveChangesNothingElse(t *testing.T) {
	fill := fuzzer.FuzzerFor(metafuzzer.Funcs, rand.NewSource(rand.Int63()), serializer.NewCodecFactory(runtime.NewScheme()))
	for range 50 {
		old, written := &example.Bar{}, &example.Bar{}
		fill.Fill(&old.Spec)
		fill.Fill(&written.Spec)
		fill.Fill(&old.Status)
		fill.Fill(&written.Status)
		old.Name, written.Name = "first", "first"
		old.Labels, written.Labels = map[string]string{"is": "old"}, map[string]string{"is": "new"}
		want := old.DeepCopy()
		want.Status.Phase = written.DeepCopy().Status.Phase

		approveStrategy{}.PrepareForUpdate(t.Context(), written, old)

		if !apiequality.Semantic.DeepEqual(written, want) {
			t.Fatalf("got %+v, want %+v", written, want)
		}
	}
}
