package informers

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/informers/internalinterfaces"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// View is what one component sees of a Factory. Until the component starts it, its handlers are told nothing: upstream's add them while
// they are being made, to informers that do not run yet.
type View struct {
	*Factory
	// Paced says that events may come in batches, a quarter of a second late at most: for controllers, of which there is time.
	Paced bool

	mu       sync.Mutex
	started  bool
	deferred []*registration
}

func (f *Factory) view() *View { return &View{Factory: f} }

// InformerFor implements internalinterfaces.SharedInformerFactory.
func (v *View) InformerFor(object runtime.Object, newInformer internalinterfaces.NewInformerFunc) cache.SharedIndexInformer {
	return informer{v.Factory.InformerFor(object, newInformer), v}
}

// ForResource implements informers.SharedInformerFactory.
func (v *View) ForResource(resource schema.GroupVersionResource) (informers.GenericInformer, error) {
	of, err := v.Factory.ForResource(resource)
	if err != nil {
		return nil, err
	}
	return generic{of, v}, nil
}

// Start implements informers.SharedInformerFactory.
func (v *View) Start(<-chan struct{}) { v.StartWithContext(context.Background()) }

// StartWithContext implements informers.SharedInformerFactory. The context does not end the informers, which others may need.
func (v *View) StartWithContext(ctx context.Context) {
	v.Factory.StartWithContext(ctx)
	v.mu.Lock()
	waiting := v.deferred
	v.started, v.deferred = true, nil
	v.mu.Unlock()
	for _, r := range waiting {
		r.register()
	}
}

// generic is an informer of a type that is not known before.
type generic struct {
	informers.GenericInformer
	view *View
}

// Informer implements informers.GenericInformer.
func (g generic) Informer() cache.SharedIndexInformer {
	return informer{g.GenericInformer.Informer(), g.view}
}

// informer is one that may run already, while its view has not started.
type informer struct {
	cache.SharedIndexInformer
	view *View
}

// AddIndexers implements cache.SharedIndexInformer. An index that is there is not added again: it is the same one, of another component of
// the same kind, as a second scheduler is. To upstream, where each component has an informer of its own, that is an error
// (addIndexers in k8s.io/client-go/tools/cache/thread_safe_store.go).
func (i informer) AddIndexers(indexers cache.Indexers) error {
	i.view.indexing.Lock()
	defer i.view.indexing.Unlock()
	there := i.GetIndexer().GetIndexers()
	added := cache.Indexers{}
	for name, index := range indexers {
		if _, ok := there[name]; !ok {
			added[name] = index
		}
	}
	return i.SharedIndexInformer.AddIndexers(added)
}

// AddEventHandler implements cache.SharedInformer.
func (i informer) AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	return i.AddEventHandlerWithOptions(handler, cache.HandlerOptions{})
}

// AddEventHandlerWithResyncPeriod implements cache.SharedInformer.
func (i informer) AddEventHandlerWithResyncPeriod(handler cache.ResourceEventHandler, resync time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	return i.AddEventHandlerWithOptions(handler, cache.HandlerOptions{ResyncPeriod: &resync})
}

// AddEventHandlerWithOptions implements cache.SharedInformer.
func (i informer) AddEventHandlerWithOptions(handler cache.ResourceEventHandler, options cache.HandlerOptions) (cache.ResourceEventHandlerRegistration, error) {
	i.view.mu.Lock()
	defer i.view.mu.Unlock()
	if i.view.Paced {
		handler = &paced{handler: handler}
	}
	if i.view.started {
		return i.SharedIndexInformer.AddEventHandlerWithOptions(handler, options)
	}
	r := &registration{informer: i.SharedIndexInformer, handler: handler, options: options, synced: make(chan struct{}), ended: i.view.ctx.Done()}
	i.view.deferred = append(i.view.deferred, r)
	return r, nil
}

// RemoveEventHandler implements cache.SharedInformer.
func (i informer) RemoveEventHandler(handle cache.ResourceEventHandlerRegistration) error {
	if r, ok := handle.(*registration); ok {
		return r.remove()
	}
	return i.SharedIndexInformer.RemoveEventHandler(handle)
}

// registration is a handler that an informer is to have once its view is started.
type registration struct {
	informer cache.SharedIndexInformer
	handler  cache.ResourceEventHandler
	options  cache.HandlerOptions
	synced   chan struct{}
	ended    <-chan struct{} // when informers are

	mu      sync.Mutex
	removed bool
	real    cache.ResourceEventHandlerRegistration
}

func (r *registration) register() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.removed {
		return
	}
	real, err := r.informer.AddEventHandlerWithOptions(r.handler, r.options)
	if err != nil {
		klog.V(1).Infof("an informer has ended before its handler was added: %v", err)
		return
	}
	r.real = real
	go func() {
		select {
		case <-real.HasSyncedChecker().Done():
			close(r.synced)
		case <-r.ended:
		}
	}()
}

func (r *registration) remove() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed = true
	if r.real == nil {
		return nil
	}
	return r.informer.RemoveEventHandler(r.real)
}

// HasSynced implements cache.ResourceEventHandlerRegistration.
func (r *registration) HasSynced() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.real != nil && r.real.HasSynced()
}

// HasSyncedChecker implements cache.ResourceEventHandlerRegistration.
func (r *registration) HasSyncedChecker() cache.DoneChecker { return checker{r.synced} }

type checker struct{ done <-chan struct{} }

// Name implements cache.DoneChecker.
func (checker) Name() string { return "handler of a shared informer" }

// Done implements cache.DoneChecker.
func (c checker) Done() <-chan struct{} { return c.done }
