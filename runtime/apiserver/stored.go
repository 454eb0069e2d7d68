package apiserver

import (
	"context"
	"strings"

	"go.etcd.io/etcd/client/v3/kubernetes"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/storage/value"
)

// Stale is what a store holds that the server's types cannot express any more.
type Stale struct {
	// LostFields are objects with fields that their types lack; the fields go when the object is next written.
	LostFields Found
	// Unserved are objects of kinds or versions that are not registered; they are out of reach.
	Unserved Found
	// Unreadable are objects that cannot be decoded or converted, such as those with text where the type now has a
	// number. One is enough to keep its whole resource from being listed.
	Unreadable Found
}

// Found counts objects. Example is the key of the first of them, and what is wrong with it.
type Found struct {
	Count   int
	Example string
}

func (f *Found) add(key []byte, err error) {
	if f.Count++; f.Count == 1 {
		f.Example = string(key) + ": " + err.Error()
	}
}

// Prefixes are what the keys begin with that FindStale looks at.
func (s *Server) Prefixes() []string { return s.prefixes }

// stalePage is how many objects are looked at between two looks at the context.
const stalePage = 500

// FindStale reads every stored object, or those of the server's own groups if it is not the only one, and counts those
// that have changed types since they were written.
func (s *Server) FindStale(ctx context.Context, store kubernetes.Interface) (Stale, error) {
	var stale Stale
	for _, prefix := range s.prefixes {
		if err := s.findStale(ctx, store, prefix, &stale); err != nil {
			return stale, err
		}
	}
	return stale, nil
}

func (s *Server) findStale(ctx context.Context, store kubernetes.Interface, prefix string, stale *Stale) error {
	decoders := map[*runtime.Scheme]runtime.Decoder{}
	options := kubernetes.ListOptions{Limit: stalePage}
	for {
		page, err := store.List(ctx, prefix, options)
		if err != nil {
			return err
		}
		for _, kv := range page.Kvs {
			plain, err := s.plain(ctx, kv.Key, kv.Value)
			if err != nil {
				stale.Unreadable.add(kv.Key, err)
				continue
			}
			scheme := s.schemeOf(kv.Key)
			if decoders[scheme] == nil {
				decoders[scheme] = serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
			}
			object, _, err := decoders[scheme].Decode(plain, nil, nil)
			if unfit := convert(scheme, object); unfit != nil {
				err = unfit
			}
			switch {
			case err == nil:
			case runtime.IsStrictDecodingError(err):
				stale.LostFields.add(kv.Key, err)
			case runtime.IsNotRegisteredError(err):
				stale.Unserved.add(kv.Key, err)
			default:
				stale.Unreadable.add(kv.Key, err)
			}
		}
		if int64(len(page.Kvs)) >= page.Count || len(page.Kvs) == 0 {
			return nil
		}
		options.Revision = page.Revision
		options.Continue = string(page.Kvs[len(page.Kvs)-1].Key) + "\x00"
	}
}

// plain returns what is stored at a key as it was before it was encrypted, if it was.
func (s *Server) plain(ctx context.Context, key, stored []byte) ([]byte, error) {
	if s.transformers == nil {
		return stored, nil
	}
	// /registry/GROUP/RESOURCE/...
	parts := strings.SplitN(strings.TrimPrefix(string(key), keyPrefix+"/"), "/", 3)
	if len(parts) < 3 {
		return stored, nil
	}
	transformer := s.transformers.TransformerForResource(schema.GroupResource{Group: parts[0], Resource: parts[1]})
	plain, _, err := transformer.TransformFromStorage(ctx, stored, value.DefaultContext(key))
	return plain, err
}

// schemeOf returns the scheme of what is stored at a key.
func (s *Server) schemeOf(key []byte) *runtime.Scheme {
	for _, r := range s.resources {
		if strings.HasPrefix(string(key), r.folder()) {
			return r.Types.Scheme
		}
	}
	return s.scheme
}

// convert returns the error of turning a decoded object into its internal version, as storage does, if it has one.
func convert(scheme *runtime.Scheme, object runtime.Object) error {
	if object == nil {
		return nil
	}
	internal := object.GetObjectKind().GroupVersionKind().GroupKind().WithVersion(runtime.APIVersionInternal)
	if !scheme.Recognizes(internal) {
		return nil
	}
	_, err := scheme.UnsafeConvertToVersion(object, internal.GroupVersion())
	return err
}
