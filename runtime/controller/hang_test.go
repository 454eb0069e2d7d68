package controller

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/funcr"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// logged has klog write to the result until the test ends.
func logged(t *testing.T) func() string {
	t.Helper()
	var mu sync.Mutex
	var lines strings.Builder
	before := klog.CaptureState()
	klog.SetLogger(funcr.New(func(_, line string) {
		mu.Lock()
		defer mu.Unlock()
		lines.WriteString(line + "\n")
	}, funcr.Options{}))
	t.Cleanup(before.Restore)
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return lines.String()
	}
}

// A reconcile that ignores its context is told of, and keeps its worker and its key: other keys go on with the other worker.
func TestAReconcileThatIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := logged(t)
		queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[cache.ObjectName]())
		i := &instance{Part: &Part{PartName: "minder", Timeout: time.Minute}, metrics: theMetrics()}
		release := make(chan struct{})
		var mu sync.Mutex
		calls := map[string]int{}
		reconcile := func(_ context.Context, key cache.ObjectName) error {
			mu.Lock()
			calls[key.Name]++
			mu.Unlock()
			if key.Name == "hangs" {
				<-release
			}
			return nil
		}
		var workers sync.WaitGroup
		for range 2 {
			workers.Go(func() {
				for i.next(t.Context(), queue, reconcile) {
				}
			})
		}
		expect := func(name string, want int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if calls[name] != want {
				t.Errorf("%s was reconciled %d times, not %d", name, calls[name], want)
			}
		}
		queue.Add(cache.NewObjectName("default", "hangs"))
		time.Sleep(time.Minute + hangPatience - time.Second)
		if text := said(); text != "" {
			t.Errorf("logged too early: %s", text)
		}
		time.Sleep(2 * time.Second)
		if text := said(); !strings.Contains(text, "reconcile hangs: it must return when its context ends") || !strings.Contains(text, "minder") || !strings.Contains(text, "hangs") {
			t.Errorf("logged %s", text)
		}
		queue.Add(cache.NewObjectName("default", "hangs"))
		for _, name := range []string{"a", "b", "c"} {
			queue.Add(cache.NewObjectName("default", name))
			expect(name, 1)
		}
		expect("hangs", 1) // never twice at a time
		close(release)
		expect("hangs", 2)
		if lines := strings.Count(said(), "\n"); lines != 1 {
			t.Errorf("%d lines: %s", lines, said())
		}
		queue.ShutDown()
		workers.Wait()
	})
}

// A New that hangs is told of, once.
func TestNewThatHangs(t *testing.T) {
	for took, lines := range map[time.Duration]int{makePatience - time.Second: 0, time.Hour: 1} {
		synctest.Test(t, func(t *testing.T) {
			said := logged(t)
			i := &instance{Part: &Part{PartName: "minder", New: func(context.Context, Setup) (*Controller, error) {
				time.Sleep(took)
				return &Controller{Reconcile: func(context.Context, cache.ObjectName) error { return nil }}, nil
			}}}
			if _, err := i.make(t.Context(), Setup{}); err != nil || strings.Count(said(), "\n") != lines || lines > 0 && !strings.Contains(said(), `New hangs`) {
				t.Errorf("after %v: %v, logged %s", took, err, said())
			}
		})
	}
}
