package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
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
	schema = "first OpenAPI document, ms"
	loaded = "memory right after the load, MiB"
	later  = "memory 30 s after the load, MiB"
	create = "create pods, 1/s"
	get    = "get, 1/s"
	update = "update, 1/s"
	list   = "list of 100, 1/s"
	watch  = "events to 32 watches, 1/s"
	remove = "delete, 1/s"
)

// resting is how long a server is left alone before its memory is read.
const resting = 30 * time.Second

type options struct {
	server, whole   string
	apiserver, etcd string
	rounds          int
	profile         bool
	starts          int
	load            load
}

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "examples/kubernetes, compiled")
	flag.StringVar(&o.whole, "whole", "", "kubecraft with the control plane compiled in, for --starts")
	flag.StringVar(&o.apiserver, "kube-apiserver", "", "kube-apiserver's binary")
	flag.StringVar(&o.etcd, "etcd", "", "etcd's binary")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; each runs every side once, figures are medians")
	flag.BoolVar(&o.profile, "profile", false, "show what the server's CPU time is spent on instead, by Go's profiler")
	flag.IntVar(&o.starts, "starts", 0, "instead, start the server and kubecraft with the control plane compiled in, so often each")
	flag.IntVar(&o.load.clients, "clients", 32, "concurrent clients")
	flag.IntVar(&o.load.pods, "pods", 5000, "pods a round")
	flag.IntVar(&o.load.size, "size", 1200, "bytes of payload a pod")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	what := run
	switch {
	case o.profile:
		what = profile
	case o.starts > 0:
		what = starts
	}
	if err := what(ctx, o); err != nil {
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
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, o.rounds)
		if err := measure(ctx, sides, o.load); err != nil {
			return err
		}
	}
	bench.WriteTable(os.Stdout, []string{empty, second, schema, rest, loaded, later, create, get, update, list, watch, remove}, all)
	return nil
}

// measure starts each side alone, puts all to the same work in turns, and does both again with what is stored then.
func measure(ctx context.Context, sides []side, l load) error {
	dir, err := os.MkdirTemp("", "bench-kubernetes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := startAlone(ctx, dir, sides, func(s side, running *server) error {
		s.figures.Add(empty, milliseconds(running.ready))
		idle(ctx)
		s.figures.Add(rest, running.memory())
		client := running.client()
		defer client.CloseIdleConnections()
		begin := time.Now()
		_, err := bench.Send(client, http.MethodGet, running.url+"/openapi/v2", nil, http.StatusOK)
		s.figures.Add(schema, milliseconds(time.Since(begin)))
		return err
	}); err != nil {
		return err
	}
	if err := together(ctx, dir, sides, l, func(runners []*runner) error {
		err := l.run(ctx, runners)
		for _, r := range runners {
			r.figures.Add(loaded, r.memory())
		}
		idle(ctx)
		for _, r := range runners {
			r.figures.Add(later, r.memory())
		}
		return err
	}); err != nil {
		return err
	}
	if err := startAlone(ctx, dir, sides, func(s side, running *server) error {
		s.figures.Add(second, milliseconds(running.ready))
		return nil
	}); err != nil {
		return err
	}
	keeping := slices.DeleteFunc(slices.Clone(sides), func(s side) bool { return s.figures.Name == "memory" })
	return together(ctx, dir, keeping, l, func(runners []*runner) error { return l.drop(ctx, runners) })
}

// startAlone runs one side after the other over its folder in dir. Backwards, so that it is memory that comes after
// upstream: the side after it is ready 100 ms later than elsewhere.
func startAlone(ctx context.Context, dir string, sides []side, then func(side, *server) error) error {
	for _, s := range slices.Backward(sides) {
		settle(ctx)
		running, err := s.startIn(ctx, dir)
		if err != nil {
			return err
		}
		err = then(s, running)
		running.stop()
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// together runs all sides at once, each over its folder in dir.
func together(ctx context.Context, dir string, sides []side, l load, then func([]*runner) error) error {
	var runners []*runner
	for _, s := range sides {
		running, err := s.startIn(ctx, dir)
		if err != nil {
			return err
		}
		defer running.stop()
		r := &runner{side: s, server: running, made: make([]string, l.pods)}
		for range l.clients {
			c := running.client()
			defer c.CloseIdleConnections()
			r.clients = append(r.clients, c)
		}
		runners = append(runners, r)
	}
	settle(ctx)
	return then(runners)
}

// idle leaves the servers alone.
func idle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(resting):
	}
}

// settle has the disk take what was written before, so that the next to be measured does not wait for it: etcd is told not
// to. Without a command of that name it does nothing.
func settle(ctx context.Context) { _ = exec.CommandContext(ctx, "sync").Run() }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
