package kubelet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/utils/gotpl"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
)

const (
	// workers is how many objects of a kind stages are played on at once.
	workers = 16
	// An object on which more than busyPlays stages are played within busyInterval goes round in a circle: the next waits for
	// busyDelay.
	busyInterval = 10 * time.Second
	busyPlays    = 20
	busyDelay    = 5 * time.Second
	// findInterval is how often it is looked whether a kind is served.
	findInterval = 2 * time.Second
	// findPatience is how long it may take, as with a custom resource that is about to be defined, until the log tells.
	findPatience = 5 * time.Second
	// retryFirst and retryLast are how long it takes until what has failed is tried again.
	retryFirst = 5 * time.Millisecond
	retryLast  = 30 * time.Second
)

// player plays the stages of one kind of object.
type player struct {
	name   string // the kind's, in messages
	stages lifecycle.Lifecycle
	where  map[*lifecycle.Stage]string
	// informer has the objects; manages says which of them are played on.
	informer cache.SharedIndexInformer
	manages  func(object) bool
	// find makes informer and writer of a kind that may not be served yet, such as a custom resource. Nil for one that is.
	find   func() error
	writer writer
	// functions are what templates may call, for the object that is played on.
	functions func(current func() object) gotpl.FuncMap
	apply     func(ctx context.Context, namespace string, apply *lifecycle.Apply) error
	recorder  record.EventRecorder
	// refuse ends an object that is not to be played on, and returns it as it is then, nil for others. May be nil.
	refuse func(context.Context, object) (object, error)
	// gone is told of objects that are no more. May be nil.
	gone func(object)

	queue        workqueue.TypedRateLimitingInterface[string]
	registration cache.ResourceEventHandlerRegistration

	mu      sync.Mutex
	pending map[string]*pending
}

// pending is what is to happen to an object next.
type pending struct {
	uid types.UID
	// version is the resource version that stage was chosen for.
	version string
	// written is the resource version of what was written last: the informer may still have an older one.
	written uint64
	stage   *lifecycle.Stage
	due     time.Time
	// step is where the stage goes on after a failure.
	step int
	// plays since begin; slowed says that there were too many.
	plays  int
	begin  time.Time
	slowed bool
}

// follow puts what happens to objects into the queue.
func (p *player) follow() (err error) {
	p.queue = workqueue.NewTypedRateLimitingQueue(workqueue.NewTypedItemExponentialFailureRateLimiter[string](retryFirst, retryLast))
	p.pending = map[string]*pending{}
	add := func(of any) {
		if o, ok := of.(object); ok && p.manages(o) {
			p.queue.Add(key(o))
		}
	}
	p.registration, err = p.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, of any) { add(of) },
		DeleteFunc: func(of any) {
			if last, ok := of.(cache.DeletedFinalStateUnknown); ok {
				of = last.Obj
			}
			if o, ok := of.(object); ok {
				if p.gone != nil {
					p.gone(o)
				}
				p.queue.Add(key(o))
			}
		},
	})
	return err
}

// unfollow ends what follow began.
func (p *player) unfollow() {
	if p.queue == nil {
		return // it was never served
	}
	p.queue.ShutDown()
	_ = p.informer.RemoveEventHandler(p.registration)
}

// run plays stages until ctx ends.
func (p *player) run(ctx context.Context) error {
	var running sync.WaitGroup
	if p.find != nil {
		told, begin := false, time.Now()
		for err := p.find(); err != nil; err = p.find() {
			if !told && time.Since(begin) > findPatience {
				told = true
				klog.Warningf("%s: stage %s waits for its kind to be served: %v", p.where[p.stages[0]], p.stages[0].Name(), err)
			}
			timer := time.NewTimer(findInterval)
			select {
			case <-ctx.Done():
				timer.Stop()
				return nil
			case <-timer.C:
			}
		}
		if err := p.follow(); err != nil {
			return err
		}
		running.Go(func() { p.informer.RunWithContext(ctx) })
	}
	context.AfterFunc(ctx, p.queue.ShutDown)
	for range workers {
		running.Go(func() {
			w := &worker{player: p}
			w.renderer = gotpl.NewRenderer(p.functions(func() object { return w.current }))
			for ctx.Err() == nil && w.next(ctx) { // a queue that is shut still has what is in it
			}
		})
	}
	running.Wait()
	return nil
}

// worker plays stages on one object after another.
type worker struct {
	*player
	renderer gotpl.Renderer
	current  object
}

func (w *worker) next(ctx context.Context) bool {
	name, stop := w.queue.Get()
	if stop {
		return false
	}
	defer w.queue.Done(name)
	wait, err := w.work(ctx, name)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		klog.V(1).Infof("%s %s: %v", w.name, name, err)
		w.queue.AddRateLimited(name)
	default:
		w.queue.Forget(name)
		if wait > 0 {
			w.queue.AddAfter(name, wait)
		}
	}
	return true
}

// work plays what is due on an object. It returns how long the next stage has to wait, 0 if there is none, and an error if it is to be
// tried again.
func (w *worker) work(ctx context.Context, name string) (wait time.Duration, err error) {
	of, exists, err := w.informer.GetStore().GetByKey(name)
	if err != nil || !exists {
		w.forget(name)
		return 0, err
	}
	o, ok := of.(object)
	if !ok || !w.manages(o) {
		w.forget(name)
		return 0, nil
	}
	next := w.of(name, o)
	seen := versionOf(o)
	if seen < next.written {
		return 0, nil // the newer one is on its way
	}
	if w.refuse != nil {
		if refused, err := w.refuse(ctx, o); apierrors.IsNotFound(err) {
			return 0, nil
		} else if err != nil || refused != nil {
			if refused != nil {
				next.written = versionOf(refused)
			}
			return 0, err
		}
	}
	for {
		if err := w.choose(ctx, next, o); err != nil {
			w.complain(o, nil, err)
			return 0, nil
		}
		if next.stage == nil {
			if seen >= next.written {
				w.forget(name)
			}
			return 0, nil
		}
		if wait := time.Until(next.due); wait > 0 {
			return wait, nil
		}
		stage := next.stage
		result, err := w.play(ctx, next, o)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return 0, nil
		case retriable(err):
			if apierrors.IsInternalError(err) { // such as a webhook's
				w.complain(o, stage, err)
			}
			return 0, err
		default:
			// The object has changed, which is an event, or what the stage does is wrong and stays so until the object changes.
			next.stage = nil
			if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
				w.complain(o, stage, err)
			}
			return 0, nil
		}
		next.stage = nil
		if result == nil {
			return 0, nil
		}
		next.written = versionOf(result)
		if !stage.ImmediateNextStage() {
			return 0, nil
		}
		o = result
	}
}

// of returns what is pending for an object.
func (w *worker) of(name string, o object) *pending {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.pending[name]
	if next == nil || next.uid != o.GetUID() {
		next = &pending{uid: o.GetUID()}
		w.pending[name] = next
	}
	return next
}

func (w *worker) forget(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.pending, name)
}

// choose says which stage comes next and when. One that is waited for stays if it still can come: the object may have changed in
// something that does not matter.
func (w *worker) choose(ctx context.Context, next *pending, o object) (err error) {
	defer recovered(&err)
	if next.stage != nil && next.version == o.GetResourceVersion() {
		return nil
	}
	event := newEvent(o)
	possible, err := w.stages.ListAllPossible(ctx, event)
	if err != nil {
		return err
	}
	next.version = o.GetResourceVersion()
	for _, stage := range possible {
		if stage == next.stage {
			return nil
		}
	}
	next.stage, next.step = nil, 0
	switch len(possible) {
	case 0:
		return nil
	case 1:
		next.stage = possible[0]
	default: // by weight
		if next.stage, err = w.stages.Match(ctx, event); err != nil || next.stage == nil {
			return err
		}
	}
	now := time.Now()
	delay, _, err := next.stage.Delay(ctx, event, now)
	if err != nil {
		return err
	}
	next.due = now.Add(max(delay, w.slow(next, o, now)))
	return nil
}

// slow returns how long an object has to wait that goes round in a circle, until it does no more.
func (w *worker) slow(next *pending, o object, now time.Time) time.Duration {
	if now.Sub(next.begin) > busyInterval {
		const asOftenAsAllowed = int(busyInterval / busyDelay)
		next.slowed = next.slowed && next.plays >= asOftenAsAllowed
		next.begin, next.plays = now, 0
	}
	next.plays++
	if next.plays == busyPlays && !next.slowed {
		next.slowed = true
		w.complain(o, next.stage, errors.New("stages follow one another without end, so they are slowed down; see what this one selects and makes"))
	}
	if next.slowed {
		return busyDelay
	}
	return 0
}

// complain tells of a stage that cannot be played, where users look for it: among the object's events.
func (w *worker) complain(o object, stage *lifecycle.Stage, err error) {
	message, _, _ := strings.Cut(err.Error(), "\n") // what follows is a diff
	if stage != nil {
		message = fmt.Sprintf("stage %s (%s): %s", stage.Name(), w.where[stage], message)
	}
	klog.V(1).Infof("%s %s: %s", w.name, key(o), message)
	w.recorder.Event(o, corev1.EventTypeWarning, "StageFailed", message)
}

// play does what a stage says. It returns the object as it is then, nil if nothing has changed or it is no more.
func (w *worker) play(ctx context.Context, next *pending, o object) (result object, err error) {
	defer recovered(&err)
	w.current = o
	defer func() { w.current = nil }()
	step, err := next.stage.DoSteps(next.step, o.GetFinalizers(), o, w.renderer,
		func(event *internalversion.StageEvent) error {
			w.recorder.Event(o, event.Type, event.Reason, event.Message)
			return nil
		},
		func() error {
			result = nil
			return w.writer.delete(ctx, o)
		},
		func(patch *lifecycle.Patch) error {
			changed, err := w.writer.patch(ctx, w.current, patch)
			if changed != nil {
				result, w.current = changed, changed
			}
			return err
		},
		func(apply *lifecycle.Apply) error { return w.apply(ctx, o.GetNamespace(), apply) },
	)
	if err != nil {
		next.step = max(step, 0)
	}
	return result, err
}

// recovered makes an error of a panic, of the packages that read expressions.
func recovered(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("panic: %v", cause)
	}
}

// retriable says of an error whether the same may succeed later.
func retriable(err error) bool {
	return utilnet.IsConnectionRefused(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsTooManyRequests(err) || apierrors.IsInternalError(err)
}

// applier applies objects that stages make, of any kind.
func applier(client dynamic.Interface, mapper meta.RESTMapper) func(context.Context, string, *lifecycle.Apply) error {
	return func(ctx context.Context, namespace string, apply *lifecycle.Apply) error {
		_, err := lifecycle.ApplyResource(ctx, client, mapper, namespace, apply)
		if err != nil && !retriable(err) {
			return errors.New(err.Error()) // that another object is not there says nothing of this one
		}
		return err
	}
}
