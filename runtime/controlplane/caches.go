package controlplane

import (
	"context"
	"errors"
	"time"

	"k8s.io/klog/v2"
)

const (
	// cachePatience is how long the caches may take before the start looks for what keeps them: several times what
	// they take for thousands of objects, so that a start does not read everything twice.
	cachePatience = time.Second
	// cacheLimit is how long a start waits for caches that nothing seems to keep.
	cacheLimit = time.Minute
)

// waitCaches returns when the caches have caught up with the store. Upstream's retry for ever, and say nothing, when
// an object cannot be read: those are left behind, with what is wrong in c.stale.
func (c *ControlPlane) waitCaches(ctx context.Context) error {
	ready, err := c.cachesReady(ctx, cachePatience)
	if ready || err != nil {
		return err
	}
	stale, err := c.server.FindStale(ctx, c.store.Client().Kubernetes)
	if err != nil {
		return err
	}
	if stale.Unreadable.Count > 0 {
		c.stale = &stale
		return nil
	}
	ready, err = c.cachesReady(ctx, cacheLimit)
	if !ready && err == nil {
		klog.Warningf("stored objects are not all read after %v; resources that are not ready answer 429 until they are", cacheLimit)
	}
	return err
}

// cachesReady says whether the caches are ready within a time.
func (c *ControlPlane) cachesReady(ctx context.Context, within time.Duration) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := c.store.WaitReady(limited)
	if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
		return false, nil
	}
	return err == nil, err
}
