package kubelet

import (
	"container/heap"
	"context"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"
)

const (
	// leaseDuration is the kubelet's. A node is taken for lost 50 s after its last renewal (node-monitor-grace-period).
	leaseDuration = 40 * time.Second
	// Leases are renewed as often as a kubelet does it while there are few, and less often the more there are.
	renewIntervalFew  = 10 * time.Second
	renewIntervalMany = 30 * time.Second
	manyNodes         = 1000
	// renewTogether is how far apart renewals are: those that are due in between come at once and share transactions.
	renewTogether = 200 * time.Millisecond
	leaseWorkers  = 16
	// retryInterval is how soon a renewal that has failed is tried again.
	retryInterval = time.Second
)

// leases are those of the nodes that are simulated.
type leases struct {
	client kubernetes.Interface
	server server
	wake   chan struct{}
	// begun is what the times of renewals are counted from.
	begun time.Time

	mu    sync.Mutex
	queue renewals
	of    map[string]*renewal
}

// renewal is when a node's lease is to be renewed.
type renewal struct {
	node  *corev1.Node
	lease *coordinationv1.Lease // as it was written last
	due   time.Time
	index int // in the queue, -1 if it is not in it
	ended bool
}

func newLeases(client kubernetes.Interface, server server) *leases {
	return &leases{client: client, server: server, wake: make(chan struct{}, 1), begun: time.Now(), of: map[string]*renewal{}}
}

// begin has a node's lease renewed from now on.
func (l *leases) begin(node *corev1.Node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.of[node.Name]; r != nil {
		if r.node.UID == node.UID {
			return
		}
		l.remove(r)
	}
	r := &renewal{node: node, due: time.Now()}
	l.of[node.Name] = r
	heap.Push(&l.queue, r)
	l.signal()
}

// end leaves a node's lease alone.
func (l *leases) end(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.of[name]; r != nil {
		l.remove(r)
		delete(l.of, name)
	}
}

func (l *leases) remove(r *renewal) {
	r.ended = true
	if r.index >= 0 {
		heap.Remove(&l.queue, r.index)
	}
}

func (l *leases) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// next waits for a renewal that is due and takes it from the queue. It returns nil when ctx ends.
func (l *leases) next(ctx context.Context) *renewal {
	for {
		l.mu.Lock()
		wait := time.Hour
		if len(l.queue) > 0 {
			if wait = time.Until(l.queue[0].due); wait <= 0 {
				r := heap.Pop(&l.queue).(*renewal)
				if len(l.queue) > 0 {
					l.signal() // for another worker
				}
				l.mu.Unlock()
				return r
			}
		}
		l.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-l.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// again puts a renewal back. One that has failed comes soon.
func (l *leases) again(r *renewal, failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.ended {
		return
	}
	interval := renewIntervalFew
	if n := len(l.of); n > manyNodes {
		interval = min(renewIntervalMany, renewIntervalFew*time.Duration(n)/manyNodes)
	}
	if failed {
		interval, r.due = retryInterval, time.Now()
	}
	r.due = r.due.Add(interval)
	if now := time.Now(); r.due.Before(now) {
		r.due = now.Add(interval) // late, or the first time
	}
	r.due = l.begun.Add(r.due.Sub(l.begun).Round(renewTogether))
	heap.Push(&l.queue, r)
	l.signal()
}

// run renews leases until ctx ends.
func (l *leases) run(ctx context.Context) {
	var running sync.WaitGroup
	for range leaseWorkers {
		running.Go(func() {
			for r := l.next(ctx); r != nil; r = l.next(ctx) {
				err := l.renew(ctx, r)
				if err != nil && ctx.Err() == nil {
					klog.V(1).Infof("lease of node %s: %v", r.node.Name, err)
				}
				l.again(r, err != nil)
			}
		})
	}
	running.Wait()
}

// renew writes a node's lease.
func (l *leases) renew(ctx context.Context, r *renewal) (err error) {
	client := l.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	now := metav1.NewMicroTime(time.Now())
	for range 2 {
		if r.lease == nil {
			r.lease, err = client.Create(ctx, &coordinationv1.Lease{
				ObjectMeta: metav1.ObjectMeta{
					Name: r.node.Name, Namespace: corev1.NamespaceNodeLease,
					OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(r.node, corev1.SchemeGroupVersion.WithKind("Node"))},
				},
				Spec: coordinationv1.LeaseSpec{
					HolderIdentity: &r.node.Name, LeaseDurationSeconds: ptr.To(int32(leaseDuration / time.Second)), RenewTime: &now,
				},
			}, metav1.CreateOptions{})
			if err == nil {
				return nil
			}
			r.lease = nil
			if !apierrors.IsAlreadyExists(err) {
				return err
			}
			if r.lease, err = client.Get(ctx, r.node.Name, metav1.GetOptions{}); err != nil {
				r.lease = nil
				return err
			}
		}
		renewed := *r.lease
		renewed.Spec.RenewTime = &now
		var written *coordinationv1.Lease
		var done bool
		if ptr.Deref(renewed.Spec.HolderIdentity, "") == r.node.Name { // and nobody else's
			written, done, err = l.server.RenewLease(ctx, &renewed)
		}
		if !done {
			renewed.Spec.HolderIdentity = &r.node.Name
			written, err = client.Update(ctx, &renewed, metav1.UpdateOptions{})
		}
		if err == nil {
			r.lease = written
			return nil
		}
		r.lease = nil // somebody else has written or deleted it
		if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return err
}

// renewals is a heap of those by when they are due.
type renewals []*renewal

func (q renewals) Len() int           { return len(q) }
func (q renewals) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q renewals) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *renewals) Push(of any) {
	r := of.(*renewal)
	r.index = len(*q)
	*q = append(*q, r)
}
func (q *renewals) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	last.index = -1
	return last
}

// renewLeases renews those of nodes while they are simulated, and has their pods looked at when that begins.
func (f *fleet) renewLeases(ctx context.Context) error {
	changed := func(of any) {
		node, ok := of.(*corev1.Node)
		switch {
		case !ok:
		case f.managesNode(node):
			f.leases.begin(node)
		default:
			f.leases.end(node.Name)
		}
	}
	registration, err := f.nodes.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(of any) {
			changed(of)
			f.lookAtPods(nil, of)
		},
		UpdateFunc: func(before, of any) {
			changed(of)
			f.lookAtPods(before, of)
		},
		DeleteFunc: func(of any) {
			if last, ok := of.(cache.DeletedFinalStateUnknown); ok {
				of = last.Obj
			}
			if node, ok := of.(*corev1.Node); ok {
				f.leases.end(node.Name)
			}
		},
	})
	if err != nil {
		return err
	}
	defer func() { _ = f.nodes.RemoveEventHandler(registration) }()
	f.leases.run(ctx)
	return nil
}

// lookAtPods has the stages of a node's pods played, once the node is simulated that was not.
func (f *fleet) lookAtPods(before, of any) {
	node, ok := of.(*corev1.Node)
	if !ok || f.played == nil || !f.managesNode(node) {
		return
	}
	if old, ok := before.(*corev1.Node); ok && f.managesNode(old) {
		return
	}
	names, err := f.pods.GetIndexer().IndexKeys(byNode, node.Name)
	if err != nil {
		return
	}
	for _, name := range names {
		f.played.queue.Add(name)
	}
}
