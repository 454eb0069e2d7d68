package apiserver

import (
	"context"

	"go.etcd.io/etcd/client/v3/kubernetes"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// Stale counts what a store holds that the server's types cannot express any more.
type Stale struct {
	// LostFields are objects with fields that their types lack; the fields go when the object is next written.
	LostFields int
	// Unserved are objects of kinds or versions that are not registered; they are out of reach.
	Unserved int
	// Unreadable are objects that cannot be decoded, such as those with text where the type now has a number.
	Unreadable int
	// Example is the key of one of them, and what is wrong with it.
	Example string
}

// stalePage is how many objects are looked at between two looks at the context.
const stalePage = 500

// FindStale reads every stored object and counts those that have changed types since they were written.
func (s *Server) FindStale(ctx context.Context, store kubernetes.Interface) (Stale, error) {
	var stale Stale
	decoder := serializer.NewCodecFactory(s.scheme, serializer.EnableStrict).UniversalDeserializer()
	prefix := keyPrefix + "/"
	options := kubernetes.ListOptions{Limit: stalePage}
	for {
		page, err := store.List(ctx, prefix, options)
		if err != nil {
			return stale, err
		}
		for _, kv := range page.Kvs {
			_, _, err := decoder.Decode(kv.Value, nil, nil)
			switch {
			case err == nil:
				continue
			case runtime.IsStrictDecodingError(err):
				stale.LostFields++
			case runtime.IsNotRegisteredError(err):
				stale.Unserved++
			default:
				stale.Unreadable++
			}
			if stale.Example == "" {
				stale.Example = string(kv.Key) + ": " + err.Error()
			}
		}
		if int64(len(page.Kvs)) >= page.Count || len(page.Kvs) == 0 {
			return stale, nil
		}
		options.Revision = page.Revision
		options.Continue = string(page.Kvs[len(page.Kvs)-1].Key) + "\x00"
	}
}
