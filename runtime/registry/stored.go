package registry

import (
	"bytes"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// storedDecoder decodes objects as they lie in the store. It reads what upstream's JSON serializer reads, for which it
// parses an object once where upstream parses it twice.
func storedDecoder(scheme *runtime.Scheme) runtime.Decoder {
	return json.NewSerializerWithOptions(storedMeta{}, scheme, scheme, json.SerializerOptions{})
}

// storedMeta finds the kind and version of an object. Upstream's serializer writes them first, in this order, and to find
// them parses the whole object: a third of the time that decoding takes.
type storedMeta struct{ json.SimpleMetaFactory }

func (m storedMeta) Interpret(data []byte) (*schema.GroupVersionKind, error) {
	rest, found := bytes.CutPrefix(data, []byte(`{"kind":"`))
	kind, rest, closed := bytes.Cut(rest, []byte(`","apiVersion":"`))
	version, _, ended := bytes.Cut(rest, []byte(`","`))
	if !found || !closed || !ended || !plain(kind) || !plain(version) {
		return m.SimpleMetaFactory.Interpret(data)
	}
	gv, err := schema.ParseGroupVersion(string(version))
	if err != nil {
		return nil, err
	}
	return &schema.GroupVersionKind{Group: gv.Group, Version: gv.Version, Kind: string(kind)}, nil
}

// plain says that s means itself within a JSON string.
func plain(s []byte) bool {
	for _, c := range s {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
