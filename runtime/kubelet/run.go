package kubelet

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// run runs all at once until ctx ends or one of them fails.
func run(ctx context.Context, all ...func(context.Context) error) error {
	running, ctx := errgroup.WithContext(ctx)
	for _, f := range all {
		running.Go(func() error { return f(ctx) })
	}
	return running.Wait()
}
