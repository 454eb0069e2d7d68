package main

import (
	"context"
	"slices"
	"sync"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// counts are how many objects are how far.
type counts struct {
	nodes, ready, leases        int
	pods, bound, running, ended int
}

// counter counts objects as a watch tells of them.
type counter struct {
	// stopLeases ends the watch of leases, which are written all the time.
	stopLeases context.CancelFunc

	mu sync.Mutex
	counts
}

func (c *counter) get() counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

func count(ctx context.Context, client kubernetes.Interface) *counter {
	c := &counter{}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(slim))
	c.follow(factory.Core().V1().Nodes().Informer())
	c.follow(factory.Core().V1().Pods().Informer())
	factory.StartWithContext(ctx)
	ctx, c.stopLeases = context.WithCancel(ctx)
	leases := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(corev1.NamespaceNodeLease))
	c.follow(leases.Coordination().V1().Leases().Informer())
	leases.StartWithContext(ctx)
	return c
}

func (c *counter) follow(informer cache.SharedIndexInformer) {
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(of any) { c.add(of, 1) },
		UpdateFunc: func(before, of any) { c.add(before, -1); c.add(of, 1) },
		DeleteFunc: func(of any) {
			if last, ok := of.(cache.DeletedFinalStateUnknown); ok {
				of = last.Obj
			}
			c.add(of, -1)
		},
	})
}

func (c *counter) add(of any, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch o := of.(type) {
	case *corev1.Node:
		c.nodes += n
		ready := slices.ContainsFunc(o.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		})
		if ready && len(o.Spec.Taints) == 0 {
			c.ready += n
		}
	case *coordinationv1.Lease:
		c.leases += n
	case *corev1.Pod:
		c.pods += n
		if o.Spec.NodeName != "" {
			c.bound += n
		}
		switch o.Status.Phase {
		case corev1.PodRunning:
			c.running += n
		case corev1.PodSucceeded, corev1.PodFailed:
			c.ended += n
		}
	}
}

// slim keeps of an object what is counted by.
func slim(of any) (any, error) {
	switch o := of.(type) {
	case *corev1.Pod:
		o.ManagedFields, o.Spec, o.Status = nil, corev1.PodSpec{NodeName: o.Spec.NodeName}, corev1.PodStatus{Phase: o.Status.Phase}
	case *corev1.Node:
		o.ManagedFields = nil
	}
	return of, nil
}
