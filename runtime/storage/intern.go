package storage

import (
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	// maxInterned is how many strings are kept, and maxInternedLength how long each may be.
	maxInterned       = 1 << 15
	maxInternedLength = 64
)

// interned are strings that many objects have. Labels and namespaces are compared so often, by schedulers and by all that select, that it matters
// whether each object has them in memory of its own.
type interned struct {
	mu      sync.RWMutex
	strings map[string]string
}

func newInterned() *interned { return &interned{strings: map[string]string{}} }

// of returns a string that is equal to s, and if possible the same as for others before.
func (i *interned) of(s string) string {
	if s == "" || len(s) > maxInternedLength {
		return s
	}
	i.mu.RLock()
	same, ok := i.strings[s]
	i.mu.RUnlock()
	if ok {
		return same
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.strings) >= maxInterned {
		clear(i.strings) // what is in use comes back
	}
	i.strings[s] = s
	return s
}

// interning is a codec of objects whose labels and namespace are interned when they are decoded.
type interning struct {
	runtime.Codec
	strings *interned
}

// Decode implements runtime.Decoder.
func (c interning) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	object, kind, err := c.Codec.Decode(data, defaults, into)
	if err == nil {
		c.intern(object)
	}
	return object, kind, err
}

func (c interning) intern(object runtime.Object) {
	if _, copied := object.(runtime.Unstructured); copied {
		return
	}
	of, err := meta.Accessor(object)
	if err != nil {
		return
	}
	of.SetNamespace(c.strings.of(of.GetNamespace()))
	labels := of.GetLabels()
	for key, value := range labels {
		labels[c.strings.of(key)] = c.strings.of(value) // an assignment replaces the key too
	}
}
