package controlplane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/rest"
)

// componentPatience is how long a component may take to end once it is told to.
const componentPatience = 5 * time.Second

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
	name   string
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
		r := runningComponent{name: component.Name(), cancel: cancel, done: make(chan struct{})}
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

// stop ends the components one by one, the last started first. It leaves those behind that do not end, and names them.
func (c *components) stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	var errs []error
	for _, r := range slices.Backward(c.running) {
		r.cancel()
		patience := time.NewTimer(componentPatience)
		select {
		case <-r.done:
		case <-patience.C:
			errs = append(errs, fmt.Errorf("%s did not end within %v of being told to; its Run must return when its context ends", r.name, componentPatience))
		}
		patience.Stop()
	}
	c.running = nil
	return errors.Join(errs...)
}
