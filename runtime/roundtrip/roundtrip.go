package roundtrip

import (
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	"k8s.io/apimachinery/pkg/api/apitesting/roundtrip"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/diff"
	"sigs.k8s.io/randfill"
)

// Test fills every type that install registers with random values, takes it through every version and every encoding
// but protobuf, and fails when what comes back is not what went in. The objects have their defaults set first, as the
// server's have, so that a field with a default needs nothing here.
//
// funcs (each a list of func(*T, randfill.Continue)) fill types of which not every value is possible, such as two
// fields that exclude each other. The checks are those of k8s.io/apimachinery/pkg/api/apitesting/roundtrip.
//
// The test is skipped, and says where, as long as a conversion that a person must write is not filled in: one with a line
// //kubecraft:unfilled in a package beside the test's own, as kubecraft add conversion writes it.
func Test(t *testing.T, install func(*runtime.Scheme), funcs ...fuzzer.FuzzerFuncs) {
	t.Helper()
	if left, err := unfilled(".."); err != nil {
		t.Fatal(err)
	} else if len(left) > 0 {
		t.Skipf("not filled in:\n%s", strings.Join(left, "\n"))
	}
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
// it. Defaults belong to versions, so the object takes the way through each of them, as the server's may have.
func defaulted(t *testing.T, scheme *runtime.Scheme, filler *randfill.Filler) []any {
	var funcs []any
	for gvk, goType := range scheme.AllKnownTypes() {
		if gvk.Version != runtime.APIVersionInternal || roundtrip.GlobalNonRoundTrippableTypes().Has(gvk.Kind) {
			continue
		}
		versions := versionsOf(scheme, gvk.GroupKind())
		if len(versions) == 0 {
			continue
		}
		signature := reflect.FuncOf([]reflect.Type{reflect.PointerTo(goType), reflect.TypeFor[randfill.Continue]()}, nil, false)
		fill := func(args []reflect.Value) []reflect.Value {
			object := args[0].Interface().(runtime.Object)
			filler.Fill(object)
			for _, version := range versions {
				if err := setDefaults(scheme, object, version); err != nil {
					t.Errorf("setting the defaults of %s: %v", version.WithKind(gvk.Kind), err)
				}
			}
			return nil
		}
		funcs = append(funcs, reflect.MakeFunc(signature, fill).Interface())
	}
	return funcs
}

// setDefaults sets the defaults of a version in an internal object. On the way through the version nothing else may change.
func setDefaults(scheme *runtime.Scheme, object runtime.Object, version schema.GroupVersion) error {
	versioned, err := scheme.ConvertToVersion(object, version)
	if err != nil {
		return err
	}
	back := reflect.New(reflect.TypeOf(object).Elem()).Interface().(runtime.Object)
	if err := scheme.Convert(versioned, back, nil); err != nil {
		return err
	}
	// The conversion to a version sets the kind, that from one does not.
	back.GetObjectKind().SetGroupVersionKind(object.GetObjectKind().GroupVersionKind())
	if !apiequality.Semantic.DeepEqual(object, back) {
		return fmt.Errorf("the conversion loses something:\n%s", diff.Diff(object, back))
	}
	scheme.Default(versioned)
	return scheme.Convert(versioned, object, nil)
}

// versionsOf returns the versions that have a kind, the preferred one first.
func versionsOf(scheme *runtime.Scheme, kind schema.GroupKind) []schema.GroupVersion {
	var versions []schema.GroupVersion
	for _, version := range scheme.PrioritizedVersionsForGroup(kind.Group) {
		if scheme.Recognizes(version.WithKind(kind.Kind)) {
			versions = append(versions, version)
		}
	}
	return versions
}
