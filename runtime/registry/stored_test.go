package registry

import (
	"bytes"
	stdjson "encoding/json"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// FuzzStoredMeta holds storedMeta to upstream's reading of whatever JSON a store may hold.
func FuzzStoredMeta(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"Bar","apiVersion":"example/v1","metadata":{"name":"a"}}`,
		`{"kind":"Bar","apiVersion":"v1","spec":{}}`,
		`{"kind":"Bar","apiVersion":"example/v1"}`,
		`{"apiVersion":"example/v1","kind":"Bar","spec":{"kind":"Other"}}`,
		`{"kind":"B\u0061r","apiVersion":"example/v1","metadata":{}}`,
		`{"kind":"Bar","apiVersion":"a/b/c","metadata":{}}`,
		`{"kind":"","apiVersion":"","metadata":{}}`,
		`{"kind":"Bar","metadata":{"x":"","apiVersion":"example/v2","y":1},"apiVersion":"example/v1"}`,
		` {"kind": "Bar", "apiVersion": "example/v1", "metadata": {}}`,
		`{"kind":1}`,
		`{`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		want, err := json.SimpleMetaFactory{}.Interpret(data)
		if err != nil || repeats(data) {
			return // the object is refused when it is decoded, if not before
		}
		got, err := storedMeta{}.Interpret(data)
		if err != nil {
			t.Fatalf("%s: %v, where upstream reads %v", data, err, want)
		}
		if *got != *want {
			t.Fatalf("%s: %v, where upstream reads %v", data, got, want)
		}
	})
}

// repeats says whether an object has its kind or version twice, in any case: upstream takes the last.
func repeats(data []byte) bool {
	fields := stdjson.NewDecoder(bytes.NewReader(data))
	seen := map[string]bool{}
	_, err := fields.Token() // the opening brace
	for err == nil && fields.More() {
		var name stdjson.Token
		var value stdjson.RawMessage
		if name, err = fields.Token(); err != nil {
			break
		}
		for _, of := range []string{"kind", "apiVersion"} {
			if text, _ := name.(string); strings.EqualFold(text, of) {
				if seen[of] {
					return true
				}
				seen[of] = true
			}
		}
		err = fields.Decode(&value)
	}
	return false
}
