package storage

import (
	"errors"
	"maps"
	"path"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	genericfeatures "k8s.io/apiserver/pkg/features"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/cacher"
	"k8s.io/apiserver/pkg/storage/etcd3"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/apiserver/pkg/storage/value/encrypt/identity"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/tools/cache"
)

// Decorator returns what makes the storage of one resource: upstream's etcd3 storage and watch cache over this
// store. It does what StorageWithCacher in k8s.io/apiserver/pkg/registry/generic/registry and newETCD3Storage in
// pkg/storage/storagebackend/factory do, except that all resources share one client.
func (s *Store) Decorator() generic.StorageDecorator {
	return func(
		config *storagebackend.ConfigForResource,
		resourcePrefix string,
		keyFunc func(obj runtime.Object) (string, error),
		newFunc, newListFunc func() runtime.Object,
		getAttrs storage.AttrFunc,
		triggers storage.IndexerFuncs,
		indexers *cache.Indexers,
	) (storage.Interface, factory.DestroyFunc, error) {
		raw, closeRaw, err := s.uncached(config, resourcePrefix, newFunc, newListFunc)
		if err != nil {
			return nil, nil, err
		}
		history := config.EventsHistoryWindow
		if history == 0 {
			history = cacher.DefaultEventFreshDuration
		}
		fed := newFeed(raw)
		c, err := cacher.NewCacherFromConfig(cacher.Config{
			Storage:             fed,
			Versioner:           storage.APIObjectVersioner{},
			GroupResource:       config.GroupResource,
			EventsHistoryWindow: history,
			ResourcePrefix:      resourcePrefix,
			KeyFunc:             keyFunc,
			NewFunc:             newFunc,
			NewListFunc:         newListFunc,
			GetAttrsFunc:        getAttrs,
			IndexerFuncs:        triggers,
			Indexers:            indexers,
			Codec:               config.Codec,
		})
		if err != nil {
			closeRaw()
			return nil, nil, err
		}
		delegator := cacher.NewCacheDelegator(c, raw)
		r := &resource{
			writes: writes{delegator}, raw: raw, cache: c, mvcc: s.mvcc,
			groupResource: config.GroupResource, prefix: resourcePrefix, key: keyFunc, newList: newListFunc,
			stop: func() {
				delegator.Stop()
				fed.close()
				c.Stop()
				closeRaw()
			},
		}
		if err := s.add(r); err != nil {
			r.destroy()
			return nil, nil, err
		}
		return r, func() { s.remove(r) }, nil
	}
}

// UncachedDecorator is Decorator without a watch cache, for resources whose objects are many and read once, such as
// events: it does what UndecoratedStorage in k8s.io/apiserver/pkg/registry/generic does.
func (s *Store) UncachedDecorator() generic.StorageDecorator {
	return func(
		config *storagebackend.ConfigForResource,
		resourcePrefix string,
		_ func(obj runtime.Object) (string, error),
		newFunc, newListFunc func() runtime.Object,
		_ storage.AttrFunc,
		_ storage.IndexerFuncs,
		_ *cache.Indexers,
	) (storage.Interface, factory.DestroyFunc, error) {
		raw, destroy, err := s.uncached(config, resourcePrefix, newFunc, newListFunc)
		return writes{raw}, destroy, err
	}
}

// uncached returns upstream's etcd3 storage for one resource.
func (s *Store) uncached(c *storagebackend.ConfigForResource, resourcePrefix string, newFunc, newListFunc func() runtime.Object) (storage.Interface, factory.DestroyFunc, error) {
	transformer := c.Transformer
	if transformer == nil {
		transformer = identity.NewEncryptCheckTransformer()
	}
	leases := c.LeaseManagerConfig
	if leases == (etcd3.LeaseManagerConfig{}) {
		leases = etcd3.NewDefaultLeaseManagerConfig()
	}
	versioner := storage.APIObjectVersioner{}
	codec := interning{c.Codec, s.strings}
	decoder := etcd3.NewDefaultDecoder(codec, versioner)
	deleteCorrupt := utilfeature.DefaultFeatureGate.Enabled(genericfeatures.AllowUnsafeMalformedObjectDeletion)
	if deleteCorrupt {
		transformer = etcd3.WithCorruptObjErrorHandlingTransformer(transformer)
		decoder = etcd3.WithCorruptObjErrorHandlingDecoder(decoder)
	}
	store, err := etcd3.New(s.client, s.compactor, codec, newFunc, newListFunc, c.Prefix, resourcePrefix, c.GroupResource, transformer, leases, decoder, versioner)
	if err != nil {
		return nil, nil, err
	}
	var raw storage.Interface = store
	if deleteCorrupt {
		raw = etcd3.NewStoreWithUnsafeCorruptObjectDeletion(raw, c.GroupResource)
	}
	prefix := path.Join("/", c.Prefix, resourcePrefix) + "/"
	s.mu.Lock()
	s.prefixes[prefix] = struct{}{}
	s.mu.Unlock()
	if s.mvcc != nil {
		raw = &prompt{Interface: raw, store: s.mvcc, prefix: prefix}
	}
	return raw, store.Close, nil
}

// Prefixes are what the keys begin with of resources whose storage has been made, each ending in a slash.
func (s *Store) Prefixes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.prefixes))
}

var errClosed = errors.New("the store is closed")

func (s *Store) add(r *resource) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	s.resources[r] = struct{}{}
	return nil
}

// remove ends the storage of a resource. Upstream calls it several times, once per subresource.
func (s *Store) remove(r *resource) {
	s.mu.Lock()
	delete(s.resources, r)
	s.mu.Unlock()
	r.destroy()
}
