package storage

import (
	"context"
	"errors"
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/cacher"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// resource is the storage of one resource: upstream's watch cache over upstream's etcd3 storage, with what a store
// in the same process can do better. Writes that the disk refuses become API errors, and watches resume from all
// of the history that the store keeps; see resume.
type resource struct {
	writes
	raw   storage.Interface
	cache *cacher.Cacher
	mvcc  *mvcc.Store // nil if the data is in etcd servers
	// groupResource, prefix and key of objects and newList are what upstream names the resource by.
	groupResource schema.GroupResource
	prefix        string
	key           func(runtime.Object) (string, error)
	newList       func() runtime.Object

	once sync.Once
	stop func()
}

// destroy ends the caches of the resource, once.
func (r *resource) destroy() { r.once.Do(r.stop) }

// writes makes API errors of writes that the disk refuses.
type writes struct{ storage.Interface }

// Create implements storage.Interface.
func (r writes) Create(ctx context.Context, key string, obj, out runtime.Object, ttl uint64) error {
	return apiError(r.Interface.Create(ctx, key, obj, out, ttl))
}

// Delete implements storage.Interface.
func (r writes) Delete(ctx context.Context, key string, out runtime.Object, preconditions *storage.Preconditions, validate storage.ValidateObjectFunc, cached runtime.Object, opts storage.DeleteOptions) error {
	return apiError(r.Interface.Delete(ctx, key, out, preconditions, validate, cached, opts))
}

// GuaranteedUpdate implements storage.Interface.
func (r writes) GuaranteedUpdate(ctx context.Context, key string, out runtime.Object, ignoreNotFound bool, preconditions *storage.Preconditions, update storage.UpdateFunc, cached runtime.Object) error {
	return apiError(r.Interface.GuaranteedUpdate(ctx, key, out, ignoreNotFound, preconditions, update, cached))
}

// apiError makes a status 500 with the reason of a write that the disk refused. Other errors stay as they are.
func apiError(err error) error {
	var refused *mvcc.WriteError
	if errors.As(err, &refused) {
		return apierrors.NewInternalError(refused)
	}
	return err
}

// prompt is the storage below a watch cache. A consistent list asks it for the current revision and waits until the
// cache has got there, which upstream helps by asking for progress each 100 ms. Here it is asked for at once.
type prompt struct {
	storage.Interface
	store  *mvcc.Store
	prefix string
}

// GetCurrentResourceVersion implements storage.Interface.
func (p *prompt) GetCurrentResourceVersion(ctx context.Context) (uint64, error) {
	revision, err := p.Interface.GetCurrentResourceVersion(ctx)
	if err == nil {
		p.store.Prompt(p.prefix, clientv3.GetPrefixRangeEnd(p.prefix))
	}
	return revision, err
}
