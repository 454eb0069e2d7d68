package controlplane

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// settleInterval is how often components are asked whether they have settled.
const settleInterval = 5 * time.Millisecond

// settler is a Component that brings about what users count on once it has been started, such as the nodes that it was asked for. One that is
// not is settled as soon as it is started.
type settler interface {
	Component
	// Settled says whether all of that is there, as far as what there is by now asks for it.
	Settled() bool
}

// WaitSettled returns when the components have brought about what they do at a start. For those of a cluster: simulated nodes are
// there and take pods, schedulers know of them, and pods can be made in the namespace default. It fails with what the control plane fails
// with, and when that stops or ctx ends, naming the component that it has waited for.
func (c *ControlPlane) WaitSettled(ctx context.Context) error {
	tick := time.NewTicker(settleInterval)
	defer tick.Stop()
	// What a later one has brought about may be news to an earlier one, so all are asked again.
	for range 2 {
		for _, component := range c.settlers {
			for !component.Settled() {
				select {
				case <-ctx.Done():
					return fmt.Errorf("%s: not settled: %w", component.Name(), context.Cause(ctx))
				case <-c.done:
					return cmp.Or(c.err, fmt.Errorf("%s: not settled: the control plane has stopped", component.Name()))
				case <-tick.C:
				}
			}
		}
	}
	return nil
}
