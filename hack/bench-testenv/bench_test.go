package benchtestenv

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// BenchmarkStart starts both in turns, each until it answers, and reports medians. The first of testenv's in the process, which
// has more to do, is not counted.
func BenchmarkStart(b *testing.B) {
	ctrllog.SetLogger(logr.Discard())
	startTestenv(b)
	var ours, theirs []time.Duration
	for b.Loop() {
		ours = append(ours, startTestenv(b))
		theirs = append(theirs, startEnvtest(b))
	}
	own, other := median(ours), median(theirs)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(own, "ms/testenv")
	b.ReportMetric(other, "ms/envtest")
	b.ReportMetric(other/own, "envtest/testenv")
}

// BenchmarkMemory runs twenty of testenv's at once, beside a first one.
func BenchmarkMemory(b *testing.B) {
	const many = 20
	for b.Loop() {
		first := newScope(b)
		testenv.Start(first, kubernetes.All())
		before := resident(b)
		var scopes [many]*scope
		var starting sync.WaitGroup
		for i := range scopes {
			scopes[i] = newScope(b)
			starting.Go(func() { testenv.Start(scopes[i], kubernetes.All()) })
		}
		starting.Wait()
		after := resident(b)
		for _, s := range append(scopes[:], first) {
			s.end()
		}
		b.ReportMetric(float64(before)/(1<<20), "MiB/first")
		b.ReportMetric(float64(after-before)/many/(1<<20), "MiB/each-more")
	}
	b.ReportMetric(0, "ns/op")
}

func startTestenv(b *testing.B) time.Duration {
	s := newScope(b)
	defer s.end()
	begin := time.Now()
	env := testenv.Start(s, kubernetes.All())
	ask(b, env.Config())
	return time.Since(begin)
}

func startEnvtest(b *testing.B) time.Duration {
	env := &envtest.Environment{}
	begin := time.Now()
	config, err := env.Start()
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := env.Stop(); err != nil {
			b.Error(err)
		}
	}()
	ask(b, config)
	return time.Since(begin)
}

func ask(b *testing.B, config *rest.Config) {
	b.Helper()
	if _, err := clientset.NewForConfigOrDie(config).ServerVersion(); err != nil {
		b.Fatal(err)
	}
}

// scope is the life of one test inside a benchmark.
type scope struct {
	testing.TB
	ctx      context.Context
	cancel   context.CancelFunc
	mu       sync.Mutex
	cleanups []func()
}

func newScope(b *testing.B) *scope {
	s := &scope{TB: b}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Context implements testing.TB.
func (s *scope) Context() context.Context { return s.ctx }

// Cleanup implements testing.TB.
func (s *scope) Cleanup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanups = append(s.cleanups, f)
}

// TempDir implements testing.TB.
func (s *scope) TempDir() string {
	dir, err := os.MkdirTemp("", "bench-testenv-")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (s *scope) end() {
	s.cancel()
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
}

// resident returns the bytes of this process's memory, garbage left out.
func resident(b *testing.B) int64 {
	b.Helper()
	time.Sleep(time.Second) // what a start has left to do
	debug.FreeOSMemory()
	text, err := os.ReadFile(filepath.Join("/proc", "self", "statm"))
	if err != nil {
		b.Skip(err)
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// median returns milliseconds.
func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}
