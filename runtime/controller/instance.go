package controller

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/workqueue"
	_ "k8s.io/component-base/metrics/prometheus/clientgo/leaderelection" // leader_election_master_status
	_ "k8s.io/component-base/metrics/prometheus/workqueue"               // workqueue_depth and others, by the name of the queue
	"k8s.io/klog/v2"
)

const (
	// syncPatience is how long caches may take before that is worth a line.
	syncPatience = 5 * time.Second
	// makePatience is how long New may take before that is worth a line.
	makePatience = 10 * time.Second
)

// instance is a Part that runs.
type instance struct {
	*Part
	config   *rest.Config
	client   kubernetes.Interface
	identity string
	metrics  *metrics
}

// term waits to lead, leads, and returns when that is over. The lease is given back only once all work has ended.
func (i *instance) term(ctx context.Context) error {
	electing, resign := context.WithCancel(context.WithoutCancel(ctx))
	defer resign()
	t := &tenure{done: make(chan struct{})}
	working, stop := context.WithCancel(ctx)
	defer stop()
	// Who waits still has nothing to bring to its end.
	defer context.AfterFunc(ctx, func() {
		if !t.leads() {
			resign()
		}
	})()
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Name: i.PartName,
		Lock: &lock{tenure: t, stop: stop, Interface: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: i.PartName},
			Client:     i.client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: i.identity},
		}},
		LeaseDuration:   cmp.Or(i.Election.LeaseDuration, 15*time.Second),
		RenewDeadline:   cmp.Or(i.Election.RenewDeadline, 10*time.Second),
		RetryPeriod:     cmp.Or(i.Election.RetryPeriod, 2*time.Second),
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				if !t.begin() {
					return
				}
				defer close(t.done)
				defer resign()
				defer stop()
				defer context.AfterFunc(leading, stop)()
				t.err = i.work(working)
			},
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		return fmt.Errorf("election: %w", err)
	}
	elector.Run(electing)
	if t.end() {
		<-t.done
	}
	return t.err
}

// lock is given back only once all work has ended. client-go would give it back at once when it cannot be renewed.
type lock struct {
	resourcelock.Interface
	tenure *tenure
	stop   context.CancelFunc
	holder string // as of the last Get
}

// Get implements resourcelock.Interface.
func (l *lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := l.Interface.Get(ctx)
	if err == nil {
		l.holder = record.HolderIdentity
	}
	return record, raw, err
}

// Update implements resourcelock.Interface. It fails when ctx ends before the work does: the lease expires then.
func (l *lock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if record.HolderIdentity != "" {
		return l.Interface.Update(ctx, record)
	}
	l.stop()
	if l.tenure.end() {
		select {
		case <-l.tenure.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if l.holder != l.Identity() { // it has expired, and is another's by now
		return nil
	}
	return l.Interface.Update(ctx, record)
}

// tenure says whether an instance leads. client-go tells so from another goroutine, at some time.
type tenure struct {
	mu           sync.Mutex
	began, ended bool
	done         chan struct{}
	err          error
}

func (t *tenure) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.began = !t.ended
	return t.began
}

// end says whether there is work to wait for. None begins after it.
func (t *tenure) end() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	return t.began
}

func (t *tenure) leads() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.began
}

// work runs the controller until ctx ends.
func (i *instance) work(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	queue := workqueue.NewTypedRateLimitingQueueWithConfig(workqueue.DefaultTypedControllerRateLimiter[cache.ObjectName](),
		workqueue.TypedRateLimitingQueueConfig[cache.ObjectName]{Name: i.PartName})
	defer queue.ShutDown()
	events := newEvents(i.client.CoreV1().Events(metav1.NamespaceAll))
	defer events.flush()
	controller, err := i.make(ctx, Setup{Config: rest.CopyConfig(i.config), Queue: queue, name: i.PartName, identity: i.identity, events: events})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		for _, informers := range controller.Informers {
			informers.Shutdown()
		}
	}()
	for _, informers := range controller.Informers {
		informers.StartWithContext(running)
	}
	if !i.synced(running, controller.Informers) {
		return nil
	}
	var workers sync.WaitGroup
	for range cmp.Or(i.Workers, defaultWorkers) {
		workers.Go(func() {
			for i.next(ctx, queue, controller.Reconcile) {
			}
		})
	}
	<-ctx.Done()
	queue.ShutDown()
	workers.Wait()
	return nil
}

// make calls New, of which a panic is an error. One that hangs is told of: it holds the lease.
func (i *instance) make(ctx context.Context, setup Setup) (made *Controller, err error) {
	defer time.AfterFunc(makePatience, func() {
		klog.ErrorS(nil, "New hangs: no instance reconciles anything until it returns, since this one holds the lease", "controller", i.PartName, "after", makePatience)
	}).Stop()
	defer func() {
		if what := recover(); what != nil {
			klog.ErrorS(nil, "New panicked", "controller", i.PartName, "panic", what, "stack", string(debug.Stack()))
			err = fmt.Errorf("making it panicked: %v", what)
		}
	}()
	if made, err = i.New(ctx, setup); err != nil {
		return nil, err
	}
	return made, made.check()
}

// synced returns true when all caches are filled, false if ctx ends before. A resource that is not served never comes, so what is waited
// for is named.
func (i *instance) synced(ctx context.Context, all []Informers) bool {
	for _, informers := range all {
		for {
			patience, cancel := context.WithTimeout(ctx, syncPatience)
			result := informers.WaitForCacheSyncWithContext(patience)
			cancel()
			if ctx.Err() != nil {
				return false
			}
			if result.Err == nil {
				break
			}
			klog.Warningf("controller %s waits for %v to be listed: does the server serve them?", i.PartName, unsynced(result))
		}
	}
	return true
}

func unsynced(result cache.SyncResult) []reflect.Type {
	var types []reflect.Type
	for of, synced := range result.Synced {
		if !synced {
			types = append(types, of)
		}
	}
	return types
}
