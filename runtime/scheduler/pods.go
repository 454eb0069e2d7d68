package scheduler

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/informers/core"
	"k8s.io/client-go/informers/internalinterfaces"
	"k8s.io/client-go/tools/cache"
)

// withoutEnded is a factory whose informer of pods tells nothing of those that have ended, as the scheduler expects: a pod that ends is
// one that goes, and its node has room again. Upstream has an informer of its own for that (scheduler.NewInformerFactory), which would
// be another copy of every pod.
type withoutEnded struct {
	informers.SharedInformerFactory
}

// Core implements informers.SharedInformerFactory.
func (f withoutEnded) Core() core.Interface { return core.New(f, corev1.NamespaceAll, nil) }

// InformerName implements internalinterfaces.SharedInformerFactory.
func (f withoutEnded) InformerName() *cache.InformerName {
	return f.SharedInformerFactory.InformerName()
}

// InformerFor implements internalinterfaces.SharedInformerFactory.
func (f withoutEnded) InformerFor(object runtime.Object, newInformer internalinterfaces.NewInformerFunc) cache.SharedIndexInformer {
	informer := f.SharedInformerFactory.InformerFor(object, newInformer)
	if _, ok := object.(*corev1.Pod); ok {
		return podsWithoutEnded{informer}
	}
	return informer
}

type podsWithoutEnded struct{ cache.SharedIndexInformer }

// AddEventHandler implements cache.SharedInformer.
func (i podsWithoutEnded) AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	return i.SharedIndexInformer.AddEventHandler(hasNotEnded(handler))
}

// AddEventHandlerWithResyncPeriod implements cache.SharedInformer.
func (i podsWithoutEnded) AddEventHandlerWithResyncPeriod(handler cache.ResourceEventHandler, resync time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	return i.SharedIndexInformer.AddEventHandlerWithResyncPeriod(hasNotEnded(handler), resync)
}

// AddEventHandlerWithOptions implements cache.SharedInformer.
func (i podsWithoutEnded) AddEventHandlerWithOptions(handler cache.ResourceEventHandler, options cache.HandlerOptions) (cache.ResourceEventHandlerRegistration, error) {
	return i.SharedIndexInformer.AddEventHandlerWithOptions(hasNotEnded(handler), options)
}

func hasNotEnded(handler cache.ResourceEventHandler) cache.ResourceEventHandler {
	return cache.FilteringResourceEventHandler{Handler: handler, FilterFunc: func(object any) bool {
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		pod, ok := object.(*corev1.Pod)
		return !ok || pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed
	}}
}
