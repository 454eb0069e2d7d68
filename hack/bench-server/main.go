package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
	"github.com/kubecraft/kubecraft/hack/origin"
)

type options struct {
	server, etcd, kine string
	rounds             int
	load               load
}

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "the project's compiled server")
	flag.StringVar(&o.etcd, "etcd", "", "etcd's binary; empty leaves it out")
	flag.StringVar(&o.kine, "kine", "", "kine's binary; empty leaves it out")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; each runs every store once, figures are medians")
	flag.IntVar(&o.load.clients, "clients", 32, "concurrent clients")
	flag.IntVar(&o.load.objects, "objects", 5000, "objects a round")
	flag.IntVar(&o.load.size, "size", 1200, "bytes of payload an object")
	flag.StringVar(&o.load.resource, "resource", "/apis/example/v1/namespaces/default/bars", "path of the collection")
	flag.StringVar(&o.load.version, "api-version", "example/v1", "apiVersion of the objects")
	flag.StringVar(&o.load.kind, "kind", "Bar", "kind of the objects")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-server:", err)
		stop()
		os.Exit(1)
	}
}

// What is measured of each store.
const (
	start  = "start to /readyz, ms"
	before = "- before main (--help), ms"
	second = "start with the objects, ms"
	memory = "memory at rest, MiB"
	create = "create, 1/s"
	get    = "get, 1/s"
	update = "update, 1/s"
	list   = "list of 100, 1/s"
)

func run(ctx context.Context, o options) error {
	stores := []*bench.Figures{{Name: "sqlite"}, {Name: "memory"}}
	if o.etcd != "" {
		stores = append(stores, &bench.Figures{Name: "etcd"})
	}
	if o.kine != "" {
		stores = append(stores, &bench.Figures{Name: "kine"})
	}
	table, err := origin.New()
	if err != nil {
		return err
	}
	for round := range o.rounds {
		for _, f := range stores {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, o.rounds, f.Name)
			if err := measure(ctx, o, f); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
	}
	bench.WriteTable(os.Stdout, []string{start, before, second, memory, create, get, update, list}, stores)
	return initialization(ctx, o.server, table)
}

func measure(ctx context.Context, o options, f *bench.Figures) error {
	dir, err := os.MkdirTemp("", "bench-server-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	args := []string{"--storage", f.Name}
	switch binary := map[string]string{"etcd": o.etcd, "kine": o.kine}[f.Name]; {
	case binary != "":
		p, err := startPeer(ctx, f.Name, binary, dir)
		if err != nil {
			return err
		}
		defer p.stop()
		args = []string{"--storage", "etcd", "--etcd-servers", p.endpoint}
	}
	// The first start makes certificates; the second is what a user waits for.
	s, err := startServer(ctx, o.server, dir, args...)
	if err != nil {
		return err
	}
	s.stop()
	begin := time.Now()
	if err := exec.CommandContext(ctx, o.server, "--help").Run(); err != nil {
		return err
	}
	f.Add(before, milliseconds(time.Since(begin)))
	if s, err = startServer(ctx, o.server, dir, args...); err != nil {
		return err
	}
	f.Add(start, milliseconds(s.ready))
	if err := settle(ctx, 2*time.Second); err != nil {
		s.stop()
		return err
	}
	f.Add(memory, float64(bench.Memory(s.cmd.Process.Pid)))
	r, err := o.load.run(s)
	s.stop()
	if err != nil {
		return err
	}
	f.Add(create, r.create)
	f.Add(get, r.get)
	f.Add(update, r.update)
	f.Add(list, r.list)
	if s, err = startServer(ctx, o.server, dir, args...); err != nil {
		return err
	}
	f.Add(second, milliseconds(s.ready))
	s.stop()
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// settle lets the server come to rest before its memory is read.
func settle(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
