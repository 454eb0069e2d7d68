package informers

import (
	"context"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/informers/internalinterfaces"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// resync is how often informers hand out again what they have, as those of kube-controller-manager do at least.
const resync = 12 * time.Hour

// Source is an API server whose informers can be shared.
type Source interface {
	// Informers is called once the server runs.
	Informers() (*Factory, error)
}

// Of returns what a component sees of the informers that all beside a server share.
func Of(server Source) (*View, error) {
	f, err := server.Informers()
	if err != nil {
		return nil, err
	}
	return f.view(), nil
}

// Better returns what makes an informer in the place of what upstream makes one with, which it may return.
type Better func(object runtime.Object, upstream internalinterfaces.NewInformerFunc) internalinterfaces.NewInformerFunc

// Factory is a factory of informers that several components share: whichever starts them, they run until Stop.
type Factory struct {
	informers.SharedInformerFactory
	better Better
	ctx    context.Context
	cancel context.CancelFunc
	// indexing is held while an index is added.
	indexing sync.Mutex
}

// Share returns a factory that has the informers that another one has started, and, for all other types, its own: over client, unless
// there are better ones.
func Share(started informers.SharedInformerFactory, client kubernetes.Interface, better Better) *Factory {
	f := &Factory{SharedInformerFactory: informers.NewSharedInformerFactoryWithOptions(client, resync, informers.WithTransform(trim)), better: better}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	closed := make(chan struct{})
	close(closed) // nobody waits: this is how a factory says what it has started
	for of := range started.WaitForCacheSync(closed) {
		object := reflect.New(of.Elem()).Interface().(runtime.Object)
		informer := started.InformerFor(object, nil) // there is one, so none is made
		f.SharedInformerFactory.InformerFor(object, func(kubernetes.Interface, time.Duration) cache.SharedIndexInformer { return running{informer} })
	}
	return f
}

// InformerFor implements internalinterfaces.SharedInformerFactory.
func (f *Factory) InformerFor(object runtime.Object, newInformer internalinterfaces.NewInformerFunc) cache.SharedIndexInformer {
	return f.SharedInformerFactory.InformerFor(object, f.better(object, newInformer))
}

// Start implements informers.SharedInformerFactory. The channel does not end the informers, which others may need.
func (f *Factory) Start(<-chan struct{}) { f.SharedInformerFactory.StartWithContext(f.ctx) }

// StartWithContext implements informers.SharedInformerFactory. The context does not end the informers, which others may need.
func (f *Factory) StartWithContext(context.Context) { f.SharedInformerFactory.StartWithContext(f.ctx) }

// Shutdown implements informers.SharedInformerFactory. It does nothing: others may need the informers. See Stop.
func (f *Factory) Shutdown() {}

// Stop ends the informers that the factory has started.
func (f *Factory) Stop() {
	f.cancel()
	f.SharedInformerFactory.Shutdown()
}

// running is an informer that somebody else has started.
type running struct{ cache.SharedIndexInformer }

// Run implements cache.SharedInformer.
func (running) Run(<-chan struct{}) {}

// RunWithContext implements cache.SharedInformer.
func (running) RunWithContext(context.Context) {}

// SetTransform implements cache.SharedInformer. It does nothing: whoever started the informer has set one.
func (running) SetTransform(cache.TransformFunc) error { return nil }

// trim leaves out managed fields, which no controller reads and which are half of a small object.
func trim(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil && accessor.GetManagedFields() != nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}
