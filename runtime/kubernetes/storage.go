package kubernetes

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	genericoptions "k8s.io/apiserver/pkg/server/options"

	"github.com/kubecraft/kubecraft/runtime/storage"
)

// inStore makes resources of upstream's be stored through a store's decorators, with no etcd client of their own.
type inStore struct {
	generic.RESTOptionsGetter
	store *storage.Store
	// none says that there are to be no watch caches at all.
	none bool
	// uncached are the resources that upstream keeps no watch cache of.
	uncached map[schema.GroupResource]bool
}

func newInStore(upstream generic.RESTOptionsGetter, store *storage.Store, etcd *genericoptions.EtcdOptions) (*inStore, error) {
	s := &inStore{RESTOptionsGetter: upstream, store: store, none: !etcd.EnableWatchCache, uncached: map[schema.GroupResource]bool{}}
	sizes, err := genericoptions.ParseWatchCacheSizes(etcd.WatchCacheSizes)
	if err != nil {
		return nil, err
	}
	for resource, size := range sizes {
		s.uncached[resource] = size <= 0
	}
	return s, nil
}

// GetRESTOptions implements generic.RESTOptionsGetter.
func (s *inStore) GetRESTOptions(resource schema.GroupResource, example runtime.Object) (generic.RESTOptions, error) {
	options, err := s.RESTOptionsGetter.GetRESTOptions(resource, example)
	if err != nil {
		return options, err
	}
	options.Decorator = s.store.Decorator()
	if s.none || s.uncached[resource] {
		options.Decorator = s.store.UncachedDecorator()
	}
	return options, nil
}
