package controller

import (
	"runtime/debug"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// Setup is what a controller is made with.
type Setup struct {
	// Config is for its clients.
	Config *rest.Config
	// Queue has the keys of objects that are to be reconciled, each once. AddAfter has one looked at again without an event.
	Queue workqueue.TypedRateLimitingInterface[cache.ObjectName]

	name, identity string
	events         *events
}

// Recorder records events about objects of a scheme's types, in the name of the controller and of this instance. Ones that are alike are
// counted together, as client-go does it. Those that were recorded before a stop are written first.
func (s Setup) Recorder(scheme *runtime.Scheme) record.EventRecorder {
	return s.events.broadcaster.NewRecorder(scheme, corev1.EventSource{Component: s.name, Host: s.identity})
}

// Keys are the keys of the objects that are to be reconciled when something has happened to an object.
type Keys func(metav1.Object) []cache.ObjectName

// Enqueue returns a handler for an informer, which puts keys into the queue whenever an object is added, changed or deleted, and at
// each resync. A panic in keys is logged.
func (s Setup) Enqueue(keys Keys) cache.ResourceEventHandler {
	enqueue := func(object any) {
		defer func() {
			if what := recover(); what != nil {
				klog.ErrorS(nil, "handler panicked", "controller", s.name, "panic", what, "stack", string(debug.Stack()))
			}
		}()
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		if of, ok := object.(metav1.Object); ok {
			for _, key := range keys(of) {
				s.Queue.Add(key)
			}
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc: enqueue,
		UpdateFunc: func(before, now any) { // they may differ in who owns them
			enqueue(before)
			enqueue(now)
		},
		DeleteFunc: enqueue,
	}
}

// Self is the key of the object itself.
func Self(object metav1.Object) []cache.ObjectName {
	return []cache.ObjectName{cache.MetaObjectToName(object)}
}

// Owner is the key of the object's controller, if that is of a kind, in whatever version. It is in the object's namespace.
func Owner(kind schema.GroupVersionKind) Keys {
	return func(object metav1.Object) []cache.ObjectName {
		if name, ok := owner(object, kind); ok {
			return []cache.ObjectName{cache.NewObjectName(object.GetNamespace(), name)}
		}
		return nil
	}
}

// ClusterOwner is Owner for a kind whose objects stand outside of namespaces.
func ClusterOwner(kind schema.GroupVersionKind) Keys {
	return func(object metav1.Object) []cache.ObjectName {
		if name, ok := owner(object, kind); ok {
			return []cache.ObjectName{{Name: name}}
		}
		return nil
	}
}

func owner(object metav1.Object, kind schema.GroupVersionKind) (name string, ok bool) {
	of := metav1.GetControllerOfNoCopy(object)
	if of == nil || of.Kind != kind.Kind {
		return "", false
	}
	version, err := schema.ParseGroupVersion(of.APIVersion)
	return of.Name, err == nil && version.Group == kind.Group
}
