package departures

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metainternal "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers/internalinterfaces"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/api/legacyscheme"

	"github.com/kubecraft/kubecraft/runtime/storage"
)

// Informers makes informers of what the store's watch caches hold: they share its memory, and nothing is encoded and decoded with each write
// for each of them. What they have must not be changed, as of all informers. Upstream's are of the server's answers
// (k8s.io/client-go/informers). With 5,000 pods that of pods saves 115 ms of a start, and 25 MiB.
type Informers struct {
	Store *storage.Store
	// Name names the informers in metrics. May be nil.
	Name *cache.InformerName
}

// New returns what makes an informer of all objects of a built-in type, which is upstream's if they are not in the store.
func (i Informers) New(object runtime.Object, upstream internalinterfaces.NewInformerFunc) internalinterfaces.NewInformerFunc {
	s, err := i.stored(object)
	if err != nil {
		return upstream
	}
	return func(client clientset.Interface, resync time.Duration) cache.SharedIndexInformer {
		if _, ok := s.store.Objects(s.resource.GroupResource()); !ok {
			return upstream(client, resync)
		}
		return i.informer(s, object, resync)
	}
}

// NewCore is New for types of the group "" whose storage is not there yet.
func (i Informers) NewCore(object runtime.Object) (internalinterfaces.NewInformerFunc, error) {
	s, err := i.stored(object)
	return func(client clientset.Interface, resync time.Duration) cache.SharedIndexInformer {
		s.otherwise = cache.NewListWatchFromClient(client.CoreV1().RESTClient(), s.resource.Resource, metav1.NamespaceAll, fields.Everything())
		return i.informer(s, object, resync)
	}, err
}

func (i Informers) stored(object runtime.Object) (*stored, error) {
	switch object.(type) {
	case *corev1.Service, *corev1.PersistentVolumeClaim:
		// Those that an older release has stored are defaulted when they are read (k8s.io/kubernetes/pkg/registry/core/service/storage/storage.go:124).
		return nil, errDefaulted
	}
	kinds, _, err := legacyscheme.Scheme.ObjectKinds(object)
	if err != nil {
		return nil, err
	}
	resource, _ := meta.UnsafeGuessKindToResource(kinds[0])
	return &stored{store: i.Store, kind: kinds[0], resource: resource}, nil
}

func (i Informers) informer(s *stored, object runtime.Object, resync time.Duration) cache.SharedIndexInformer {
	return cache.NewSharedIndexInformerWithOptions(s, object, cache.SharedIndexInformerOptions{
		ResyncPeriod: resync,
		Indexers:     cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc},
		Identifier:   i.Name.WithResource(s.resource),
	})
}

// stored are the objects of one built-in type.
type stored struct {
	store    *storage.Store
	kind     schema.GroupVersionKind
	resource schema.GroupVersionResource
	// otherwise are those of a type that has no watch cache. Nil for one that is known to have one.
	otherwise *cache.ListWatch
}

// List implements cache.Lister.
func (s *stored) List(options metav1.ListOptions) (runtime.Object, error) {
	return s.ListWithContext(context.Background(), options)
}

// Watch implements cache.Watcher.
func (s *stored) Watch(options metav1.ListOptions) (watch.Interface, error) {
	return s.WatchWithContext(context.Background(), options)
}

// ListWithContext implements cache.ListerWithContext.
func (s *stored) ListWithContext(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
	objects, ok := s.store.Objects(s.resource.GroupResource())
	switch {
	case !ok && s.otherwise != nil:
		return s.otherwise.ListWithContext(ctx, options)
	case !ok:
		return nil, errGone
	}
	internal, err := objects.List(ctx, options)
	if err != nil {
		return nil, err
	}
	of, err := meta.ListAccessor(internal)
	if err != nil {
		return nil, err
	}
	list := &metainternal.List{ListMeta: metav1.ListMeta{
		ResourceVersion: of.GetResourceVersion(), Continue: of.GetContinue(), RemainingItemCount: of.GetRemainingItemCount(),
	}}
	return list, meta.EachListItem(internal, func(object runtime.Object) error {
		external, err := s.external(object)
		list.Items = append(list.Items, external)
		return err
	})
}

// WatchWithContext implements cache.WatcherWithContext.
func (s *stored) WatchWithContext(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	objects, ok := s.store.Objects(s.resource.GroupResource())
	switch {
	case !ok && s.otherwise != nil:
		return s.otherwise.WatchWithContext(ctx, options)
	case !ok:
		return nil, errGone
	}
	hub := schema.GroupVersionKind{Group: s.kind.Group, Version: runtime.APIVersionInternal, Kind: s.kind.Kind}
	return watchAs(ctx, objects, options, func(object runtime.Object) (runtime.Object, error) {
		empty, err := legacyscheme.Scheme.New(hub)
		if err != nil {
			return nil, err
		}
		internal, err := objects.Unwrap(ctx, object, empty)
		if err != nil {
			return nil, err
		}
		return s.external(internal)
	})
}

func (s *stored) external(internal runtime.Object) (runtime.Object, error) {
	return legacyscheme.Scheme.UnsafeConvertToVersion(internal, s.kind.GroupVersion())
}
