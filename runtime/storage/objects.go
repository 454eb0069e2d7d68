package storage

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
	storeerr "k8s.io/apiserver/pkg/storage/errors"
)

// Objects are those of one resource as its watch cache holds them: nobody may change them.
type Objects struct {
	resource *resource
}

// Objects returns the objects of a resource that is stored here. There are none without a watch cache.
func (s *Store) Objects(of schema.GroupResource) (Objects, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.resources {
		if r.groupResource == of {
			return Objects{r}, true
		}
	}
	return Objects{}, false
}

// List returns the list that ListPredicate in k8s.io/apiserver/pkg/registry/generic/registry returns for all namespaces.
// Selectors are not looked at.
func (o Objects) List(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
	if err := o.resource.cache.Wait(ctx); err != nil {
		return nil, err
	}
	predicate := storage.Everything
	predicate.Limit, predicate.Continue = options.Limit, options.Continue
	list := o.resource.newList()
	err := o.resource.GetList(ctx, o.resource.prefix, storage.ListOptions{
		ResourceVersion:      options.ResourceVersion,
		ResourceVersionMatch: options.ResourceVersionMatch,
		Predicate:            predicate,
		Recursive:            true,
	}, list)
	return list, storeerr.InterpretListError(err, o.resource.groupResource)
}

// Watch watches as WatchPredicate in k8s.io/apiserver/pkg/registry/generic/registry does, over all namespaces, and gives out what convert
// makes of the objects, bookmarks among them. Selectors and the timeout are not looked at: it ends with ctx.
func (o Objects) Watch(ctx context.Context, options metav1.ListOptions, convert func(runtime.Object) (runtime.Object, error)) (watch.Interface, error) {
	if err := o.resource.cache.Wait(ctx); err != nil {
		return nil, err
	}
	predicate := storage.Everything
	predicate.AllowWatchBookmarks = options.AllowWatchBookmarks
	w, err := o.resource.watch(ctx, o.resource.prefix, storage.ListOptions{
		ResourceVersion:      options.ResourceVersion,
		ResourceVersionMatch: options.ResourceVersionMatch,
		Predicate:            predicate,
		Recursive:            true,
		SendInitialEvents:    options.SendInitialEvents,
	})
	if err != nil {
		return nil, storeerr.InterpretWatchError(err, o.resource.groupResource, "")
	}
	return eagerly(ctx, w, func(e watch.Event) watch.Event { return converted(e, convert) }), nil
}

func converted(e watch.Event, convert func(runtime.Object) (runtime.Object, error)) watch.Event {
	if e.Type == watch.Error {
		return e
	}
	object, err := convert(e.Object)
	if err != nil {
		status := apierrors.NewInternalError(err).Status()
		return watch.Event{Type: watch.Error, Object: &status}
	}
	e.Object = object
	return e
}

// Unwrap returns the object of an event, into an empty one. Events have the cache's objects in wrappers that only give copies
// (cachingObject in k8s.io/apiserver/pkg/storage/cacher); as long as the cache holds the same version, its own is returned.
func (o Objects) Unwrap(ctx context.Context, object, empty runtime.Object) (runtime.Object, error) {
	wrapper, ok := object.(runtime.CacheableObject)
	if !ok {
		return object, nil
	}
	wrapped, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	key, err := o.resource.key(object)
	if err != nil {
		return nil, err
	}
	if err := o.resource.Get(ctx, key, storage.GetOptions{ResourceVersion: "0"}, empty); err == nil {
		if held, err := meta.Accessor(empty); err == nil && held.GetResourceVersion() == wrapped.GetResourceVersion() {
			return empty, nil
		}
	}
	return wrapper.GetObject(), nil
}
