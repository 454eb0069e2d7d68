package storage

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

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

// A watch that nobody reads is not ended while the cache has others that are read: upstream's ends after 21 events.
func TestUnreadWatchesGoOn(t *testing.T) {
	t.Parallel()
	s := openFor(t, Options{Backend: Memory, Compaction: -1})
	pods := newStand(t, s, cached, variant{})
	unread, read := follow(t, pods, "0"), follow(t, pods, "0")
	defer unread.Stop()
	defer read.Stop()
	const many = 30
	for i := range many {
		create(t, pods, fmt.Sprint("p", i))
		nextEvent(t, read)
		time.Sleep(20 * time.Millisecond) // ten times that is what its goroutine has to take one: the cache holds so many for it
	}
	for i := range many {
		if e := nextEvent(t, unread); e.Type != watch.Added {
			t.Fatalf("event %d is %v", i, e)
		}
	}
}

// One that reads nothing at all holds no more than so many.
func TestWatchesHoldSoManyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan watch.Event)
		w := eagerly(t.Context(), watch.NewProxyWatcher(events), asItIs)
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
