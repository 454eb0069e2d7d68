package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// hangPatience is how long a call may go on after its context has ended before that is worth a line.
const hangPatience = 10 * time.Second

// errPanic is what a reconcile that panicked has failed with.
var errPanic = errors.New("panic")

// next reconciles the next key of the queue. It returns false once the queue has shut down and is empty.
func (i *instance) next(ctx context.Context, queue workqueue.TypedRateLimitingInterface[cache.ObjectName], reconcile func(context.Context, cache.ObjectName) error) bool {
	key, shutdown := queue.Get()
	if shutdown {
		return false
	}
	defer queue.Done(key)
	if ctx.Err() != nil {
		return true
	}
	begin := time.Now()
	err := i.call(ctx, key, reconcile)
	i.metrics.observe(i.PartName, err, time.Since(begin))
	switch {
	case err == nil:
		queue.Forget(key)
		return true
	case ctx.Err() != nil: // cut off by the stop
		return true
	case apierrors.IsConflict(err): // somebody else was faster: the cache will have it
		klog.V(1).InfoS("conflict, will be tried again", "controller", i.PartName, "object", key)
	case !errors.Is(err, errPanic): // which is logged already
		klog.ErrorS(err, "reconcile failed, will be tried again", "controller", i.PartName, "object", key, "retries", queue.NumRequeues(key))
	}
	queue.AddRateLimited(key)
	return true
}

// call calls reconcile with a context of its own. A panic is an error.
func (i *instance) call(ctx context.Context, key cache.ObjectName, reconcile func(context.Context, cache.ObjectName) error) (err error) {
	timeout := cmp.Or(i.Timeout, defaultTimeout)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	hangs := time.AfterFunc(timeout+hangPatience, func() {
		klog.ErrorS(nil, "reconcile hangs: it must return when its context ends", "controller", i.PartName, "object", key, "timeout", timeout)
	})
	defer hangs.Stop()
	defer func() {
		if what := recover(); what != nil {
			klog.ErrorS(nil, "reconcile panicked, will be tried again", "controller", i.PartName, "object", key, "panic", what, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, what)
		}
	}()
	return reconcile(ctx, key)
}
