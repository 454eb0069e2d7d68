package storage

import (
	"testing"
	"unsafe"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

func TestDecodedLabelsAreTheSameStrings(t *testing.T) {
	scheme := runtime.NewScheme()
	group := schema.GroupVersion{Group: "", Version: "v1"}
	scheme.AddKnownTypeWithName(group.WithKind("Thing"), &metav1.PartialObjectMetadata{})
	scheme.AddKnownTypeWithName(group.WithKind("Thing").GroupKind().WithVersion(runtime.APIVersionInternal), &metav1.PartialObjectMetadata{})
	codec := interning{serializer.NewCodecFactory(scheme).LegacyCodec(group), newInterned()}
	decode := func() (key, value *byte) {
		object, _, err := codec.Decode([]byte(`{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a","labels":{"app.example.com/name":"web server"}}}`), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range object.(*metav1.PartialObjectMetadata).Labels {
			if k != "app.example.com/name" || v != "web server" {
				t.Fatalf("%s=%s", k, v)
			}
			key, value = unsafe.StringData(k), unsafe.StringData(v)
		}
		return key, value
	}
	key, value := decode()
	if key2, value2 := decode(); key != key2 || value != value2 {
		t.Error("two objects have labels of their own")
	}
}

func TestInternedStringsAreBounded(t *testing.T) {
	strings := newInterned()
	for i := range 3 * maxInterned {
		strings.of(string(rune('a'+i%26)) + string(rune(0x4e00+i%20000)) + string(rune(0x3400+i/20000)))
	}
	if n := len(strings.strings); n > maxInterned {
		t.Errorf("%d strings", n)
	}
}
