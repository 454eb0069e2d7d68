package storage

import (
	"fmt"
	"testing"
	"testing/synctest"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/apis/example"
)

// Whoever watches and does not read for a while misses nothing, and all comes in order.
func TestEventsWaitForTheirReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan watch.Event)
		w := eagerly(t.Context(), watch.NewProxyWatcher(events), func(e watch.Event) watch.Event {
			e.Type = watch.Modified
			return e
		})
		defer w.Stop()
		const many = 3000
		for i := range many {
			events <- watch.Event{Type: watch.Added, Object: &example.Pod{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint(i)}}}
		}
		close(events)
		i := 0
		for e := range w.ResultChan() {
			if e.Type != watch.Modified || e.Object.(*example.Pod).Name != fmt.Sprint(i) {
				t.Fatalf("event %d is %v", i, e)
			}
			i++
		}
		if i != many {
			t.Errorf("%d events", i)
		}
	})
}

// One that reads nothing at all holds no more than so many.
func TestWatchesHoldSoManyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan watch.Event)
		w := eagerly(t.Context(), watch.NewProxyWatcher(events), func(e watch.Event) watch.Event { return e })
		taken := 0
		go func() {
			for {
				select {
				case events <- watch.Event{Type: watch.Added, Object: &example.Pod{}}:
					taken++
				case <-t.Context().Done():
					return
				}
			}
		}()
		synctest.Wait()
		if most := mostWaiting + leastReady + 1; taken != most { // one is on its way from there to here
			t.Errorf("%d events are taken, not %d", taken, most)
		}
		w.Stop()
		ready := 0
		for range w.ResultChan() {
			ready++
		}
		if ready != leastReady {
			t.Errorf("%d events are delivered after the end, not %d", ready, leastReady)
		}
	})
}
