package departures

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/kubecraft/kubecraft/runtime/storage"
)

// inProcess returns the objects that a list or watch is of, if they are in this process and it is of all.
func inProcess(store *storage.Store, resource schema.GroupResource, options metav1.ListOptions) (storage.Objects, bool) {
	if options.LabelSelector != "" || options.FieldSelector != "" || options.ShardSelector != "" {
		return storage.Objects{}, false
	}
	return store.Objects(resource)
}

// errListed is what a watch that would begin with a list is refused with. An informer lists then, which costs no copies: a watch
// cache hands them out to watches (k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go:357): 60 ms of a start, 145 of one over 5,000 pods.
var errListed = apierrors.NewBadRequest("what is in this process is listed, then watched")

// errDefaulted says that what is stored of a type is not what clients see.
var errDefaulted = errors.New("objects of this type are defaulted when they are read")

// errGone is what an informer is told that outlives its server.
var errGone = errors.New("the storage is closed")

// watchAs watches objects and gives out what convert makes of them.
func watchAs(ctx context.Context, objects storage.Objects, options metav1.ListOptions, convert func(runtime.Object) (runtime.Object, error)) (watch.Interface, error) {
	if options.SendInitialEvents != nil && *options.SendInitialEvents {
		return nil, errListed
	}
	return objects.Watch(ctx, options, convert)
}
