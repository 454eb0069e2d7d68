package roundtrip

import (
	"math/rand"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	"k8s.io/apimachinery/pkg/api/apitesting/roundtrip"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/randfill"
)

// Test fills every type that install registers with random values, takes it through every version and every encoding
// but protobuf, and fails when what comes back is not what went in. The objects have their defaults set first, as the
// server's have, so that a field with a default needs nothing here.
//
// funcs (each a list of func(*T, randfill.Continue)) fill types of which not every value is possible, such as two
// fields that exclude each other. The checks are those of k8s.io/apimachinery/pkg/api/apitesting/roundtrip.
func Test(t *testing.T, install func(*runtime.Scheme), funcs ...fuzzer.FuzzerFuncs) {
	t.Helper()
	scheme := runtime.NewScheme()
	install(scheme)
	codecs := serializer.NewCodecFactory(scheme)

	raw := fuzzer.FuzzerFor(all(funcs), rand.NewSource(rand.Int63()), codecs)
	withDefaults := func(serializer.CodecFactory) []any { return defaulted(t, scheme, raw) }
	filler := fuzzer.FuzzerFor(all(append(funcs, withDefaults)), rand.NewSource(rand.Int63()), codecs)
	roundtrip.RoundTripTypesWithoutProtobuf(t, scheme, codecs, filler, nil)
}

func all(funcs []fuzzer.FuzzerFuncs) fuzzer.FuzzerFuncs {
	return fuzzer.MergeFuzzerFuncs(append([]fuzzer.FuzzerFuncs{metafuzzer.Funcs}, funcs...)...)
}

// defaulted returns, for every internal kind that has a version, a function that fills an object and sets defaults in
// it. Defaults belong to versions, so the object takes the way through the preferred one.
func defaulted(t *testing.T, scheme *runtime.Scheme, filler *randfill.Filler) []any {
	var funcs []any
	for gvk, goType := range scheme.AllKnownTypes() {
		if gvk.Version != runtime.APIVersionInternal || roundtrip.GlobalNonRoundTrippableTypes().Has(gvk.Kind) {
			continue
		}
		version, ok := preferred(scheme, gvk.GroupKind())
		if !ok {
			continue
		}
		signature := reflect.FuncOf([]reflect.Type{reflect.PointerTo(goType), reflect.TypeFor[randfill.Continue]()}, nil, false)
		fill := func(args []reflect.Value) []reflect.Value {
			object := args[0].Interface().(runtime.Object)
			filler.Fill(object)
			if err := setDefaults(scheme, object, version); err != nil {
				t.Errorf("setting the defaults of %s: %v", version.WithKind(gvk.Kind), err)
			}
			return nil
		}
		funcs = append(funcs, reflect.MakeFunc(signature, fill).Interface())
	}
	return funcs
}

func setDefaults(scheme *runtime.Scheme, object runtime.Object, version schema.GroupVersion) error {
	versioned, err := scheme.ConvertToVersion(object, version)
	if err != nil {
		return err
	}
	scheme.Default(versioned)
	return scheme.Convert(versioned, object, nil)
}

func preferred(scheme *runtime.Scheme, kind schema.GroupKind) (schema.GroupVersion, bool) {
	for _, version := range scheme.PrioritizedVersionsForGroup(kind.Group) {
		if scheme.Recognizes(version.WithKind(kind.Kind)) {
			return version, true
		}
	}
	return schema.GroupVersion{}, false
}
