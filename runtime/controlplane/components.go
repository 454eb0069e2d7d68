package controlplane

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"k8s.io/client-go/rest"
)

// components are those that have been started.
type components struct {
	client *rest.Config
	// failed has the first error of a component that ended by itself.
	failed chan error

	mu      sync.Mutex
	stopped bool
	running []runningComponent
}

type runningComponent struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func newComponents(client *rest.Config) *components {
	return &components{client: client, failed: make(chan error, 1)}
}

// start starts all in order. It does nothing after stop.
func (c *components) start(ctx context.Context, all []Component) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, component := range all {
		if c.stopped {
			return
		}
		// Not all at once when ctx ends: stop says when.
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		r := runningComponent{cancel: cancel, done: make(chan struct{})}
		c.running = append(c.running, r)
		go func() {
			defer close(r.done)
			err := component.Run(own, rest.CopyConfig(c.client))
			if err == nil || own.Err() != nil {
				return
			}
			select {
			case c.failed <- fmt.Errorf("%s: %w", component.Name(), err):
			default: // another has failed before
			}
		}()
	}
}

// stop ends the components one by one, the last started first.
func (c *components) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	for _, r := range slices.Backward(c.running) {
		r.cancel()
		<-r.done
	}
}
