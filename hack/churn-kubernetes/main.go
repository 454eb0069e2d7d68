package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// interval is the time between samples.
const interval = time.Second

type options struct {
	server      string
	run, warmUp time.Duration
	clients     int
	storage     string
}

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "examples/kubernetes, compiled")
	flag.DurationVar(&o.run, "for", 10*time.Minute, "how long to work")
	flag.DurationVar(&o.warmUp, "warm-up", 6*time.Minute+30*time.Second, "how much of it is not measured: history is kept for up to six minutes")
	flag.IntVar(&o.clients, "clients", 16, "concurrent clients")
	flag.StringVar(&o.storage, "storage", "sqlite", "the server's store")
	flag.Parse()
	if o.run-o.warmUp < batches*interval {
		fmt.Fprintf(os.Stderr, "churn-kubernetes: --for must be longer than --warm-up by %v\n", batches*interval)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	grown, err := churn(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "churn-kubernetes:", err)
	}
	if grown || err != nil {
		stop()
		os.Exit(1)
	}
}

// churn works and measures, and says whether something has grown.
func churn(ctx context.Context, o options) (grown bool, err error) {
	dir, err := os.MkdirTemp("", "churn-kubernetes-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	s, err := start(ctx, o, dir)
	if err != nil {
		return false, err
	}
	defer s.Stop()
	working, cancel := context.WithTimeout(ctx, o.run)
	defer cancel()
	w := &work{server: s}
	var workers sync.WaitGroup
	for i := range o.clients {
		workers.Go(func() { w.write(working, i) })
	}
	for range o.clients / 4 {
		workers.Go(func() { w.watch(working) })
	}
	heap, goroutines := series{name: "live heap, MiB"}, series{name: "goroutines"}
	var resident int // MiB
	begin := time.Now()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for working.Err() == nil {
		select {
		case <-working.Done():
		case <-tick.C:
			if time.Since(begin) < o.warmUp {
				continue
			}
			m, err := s.metrics()
			if err != nil {
				return false, err
			}
			heap.values = append(heap.values, m["go_gc_heap_live_bytes"]/(1<<20))
			goroutines.values = append(goroutines.values, m["go_goroutines"])
			resident = bench.Memory(s.Command.Process.Pid)
		}
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if err := w.failure(); err != nil {
		return false, err
	}
	fmt.Printf("%d writes, %d events in %v, %.0f writes a second; measured after %v, with 95 %% intervals:\n",
		w.writes.Load(), w.events.Load(), o.run, float64(w.writes.Load())/o.run.Seconds(), o.warmUp)
	for _, measured := range []series{heap, goroutines} {
		t := measured.trend(o.run - o.warmUp)
		fmt.Println(measured.report(t))
		grown = grown || t.grows()
	}
	// It follows the heap's highest, in steps: no line goes through it.
	fmt.Printf("resident in the end: %d MiB\n", resident)
	return grown, nil
}
