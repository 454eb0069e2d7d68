package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"

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

// figures are what one store gave in each round.
type figures struct {
	name                      string
	start, second             []float64 // ms
	main                      []float64 // ms, of start: until main begins
	memory                    []float64 // MiB
	create, get, update, list []float64 // requests a second
}

func run(ctx context.Context, o options) error {
	stores := []*figures{{name: "sqlite"}, {name: "memory"}}
	if o.etcd != "" {
		stores = append(stores, &figures{name: "etcd"})
	}
	if o.kine != "" {
		stores = append(stores, &figures{name: "kine"})
	}
	table, err := origin.New()
	if err != nil {
		return err
	}
	for round := range o.rounds {
		for _, f := range stores {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, o.rounds, f.name)
			if err := measure(ctx, o, f); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
	}
	report(stores)
	return initialization(ctx, o.server, table)
}

func measure(ctx context.Context, o options, f *figures) error {
	dir, err := os.MkdirTemp("", "bench-server-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	args := []string{"--storage", f.name}
	switch binary := map[string]string{"etcd": o.etcd, "kine": o.kine}[f.name]; {
	case binary != "":
		p, err := startPeer(ctx, f.name, binary, dir)
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
	f.main = append(f.main, milliseconds(time.Since(begin)))
	if s, err = startServer(ctx, o.server, dir, args...); err != nil {
		return err
	}
	f.start = append(f.start, milliseconds(s.ready))
	if err := settle(ctx, 2*time.Second); err != nil {
		s.stop()
		return err
	}
	f.memory = append(f.memory, float64(s.memory()))
	r, err := o.load.run(s)
	s.stop()
	if err != nil {
		return err
	}
	f.create, f.get = append(f.create, r.create), append(f.get, r.get)
	f.update, f.list = append(f.update, r.update), append(f.list, r.list)
	if s, err = startServer(ctx, o.server, dir, args...); err != nil {
		return err
	}
	f.second = append(f.second, milliseconds(s.ready))
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

func report(stores []*figures) {
	rows := []struct {
		name string
		of   func(*figures) []float64
	}{
		{"start to /readyz, ms", func(f *figures) []float64 { return f.start }},
		{"- before main (--help), ms", func(f *figures) []float64 { return f.main }},
		{"start with the objects, ms", func(f *figures) []float64 { return f.second }},
		{"memory at rest, MiB", func(f *figures) []float64 { return f.memory }},
		{"create, 1/s", func(f *figures) []float64 { return f.create }},
		{"get, 1/s", func(f *figures) []float64 { return f.get }},
		{"update, 1/s", func(f *figures) []float64 { return f.update }},
		{"list of 100, 1/s", func(f *figures) []float64 { return f.list }},
	}
	var head strings.Builder
	fmt.Fprintf(&head, "%-28s", "median")
	for _, f := range stores {
		fmt.Fprintf(&head, "%12s", f.name)
	}
	for _, f := range stores[1:] {
		fmt.Fprintf(&head, "%16s", "sqlite/"+f.name)
	}
	fmt.Println(head.String())
	for _, row := range rows {
		fmt.Printf("%-28s", row.name)
		first := median(row.of(stores[0]))
		for _, f := range stores {
			fmt.Printf("%12.0f", median(row.of(f)))
		}
		for _, f := range stores[1:] {
			fmt.Printf("%16.2f", first/median(row.of(f)))
		}
		fmt.Println()
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
