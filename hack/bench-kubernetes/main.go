package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// What is measured of each side.
const (
	empty  = "start, empty data, ms"
	second = "start with the pods, ms"
	rest   = "memory at rest, MiB"
	loaded = "memory after the load, MiB"
	create = "create pods, 1/s"
	get    = "get, 1/s"
	update = "update, 1/s"
	list   = "list of 100, 1/s"
	watch  = "events to 32 watches, 1/s"
	remove = "delete, 1/s"
)

// resting is how long a server is left alone before its memory is read.
const resting = 8 * time.Second

type options struct {
	server, apiserver, etcd string
	rounds                  int
	load                    load
}

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "examples/kubernetes, compiled")
	flag.StringVar(&o.apiserver, "kube-apiserver", "", "kube-apiserver's binary")
	flag.StringVar(&o.etcd, "etcd", "", "etcd's binary")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; each runs every side once, figures are medians")
	flag.IntVar(&o.load.clients, "clients", 32, "concurrent clients")
	flag.IntVar(&o.load.pods, "pods", 5000, "pods a round")
	flag.IntVar(&o.load.size, "size", 1200, "bytes of payload a pod")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-kubernetes:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	sides := []side{
		{&bench.Figures{Name: "sqlite"}, ours(o.server, "sqlite")},
		{&bench.Figures{Name: "memory"}, ours(o.server, "memory")},
		{&bench.Figures{Name: "upstream"}, upstream(o.apiserver, o.etcd)},
	}
	var all []*bench.Figures
	for _, s := range sides {
		all = append(all, s.figures)
	}
	for round := range o.rounds {
		// Backwards, so that it is memory that comes after upstream: the side after it is ready 100 ms later than elsewhere.
		for _, s := range slices.Backward(sides) {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, o.rounds, s.figures.Name)
			if err := measure(ctx, s, o.load); err != nil {
				return fmt.Errorf("%s: %w", s.figures.Name, err)
			}
		}
	}
	bench.WriteTable(os.Stdout, []string{empty, second, rest, loaded, create, get, update, list, watch, remove}, all)
	return nil
}

func measure(ctx context.Context, s side, l load) error {
	dir, err := os.MkdirTemp("", "bench-kubernetes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	settle(ctx)
	running, err := s.start(ctx, dir)
	if err != nil {
		return err
	}
	s.figures.Add(empty, milliseconds(running.ready))
	select {
	case <-ctx.Done():
	case <-time.After(resting):
	}
	s.figures.Add(rest, running.memory())
	err = l.run(ctx, running, s.figures)
	running.stop()
	if err != nil {
		return err
	}
	settle(ctx)
	if running, err = s.start(ctx, dir); err != nil {
		return err
	}
	defer running.stop()
	s.figures.Add(second, milliseconds(running.ready))
	if s.figures.Name == "memory" {
		return nil // nothing is there to delete
	}
	return l.drop(running, s.figures)
}

// settle has the disk take what was written before, so that the next to be measured does not wait for it: etcd is told not
// to. Without a command of that name it does nothing.
func settle(ctx context.Context) { _ = exec.CommandContext(ctx, "sync").Run() }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
