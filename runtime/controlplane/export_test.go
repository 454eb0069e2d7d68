package controlplane

import (
	"context"
	"fmt"
	"io"

	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
)

// Run is Main with what a process has passed in.
func Run(ctx context.Context, name string, args []string, stdout, stderr io.Writer, parts ...Part) int {
	return Command{Name: name, Parts: parts}.run(ctx, args, stdout, stderr, func(int, string, io.Writer) {})
}

// Stored returns what lies at a key.
func (c *ControlPlane) Stored(ctx context.Context, key string) (string, error) {
	r, err := c.store.Client().KV.Get(ctx, key)
	if err != nil {
		return "", err
	}
	if len(r.Kvs) == 0 {
		return "", fmt.Errorf("nothing at %s", key)
	}
	return string(r.Kvs[0].Value), nil
}

// WithClock returns options whose certificates live by a clock.
func (o Options) WithClock(c clock.WithTicker) Options {
	o.clock = c
	return o
}

// StartAndStop runs components without a server.
func StartAndStop(ctx context.Context, all ...Component) error {
	c := newComponents(&rest.Config{})
	c.start(ctx, all)
	return c.stop()
}

// WaitReady waits for a server that a start which is told to end has begun.
func WaitReady(ctx context.Context, server Server) error {
	c := &ControlPlane{server: server, done: make(chan struct{})}
	return c.waitReady(ctx)
}
