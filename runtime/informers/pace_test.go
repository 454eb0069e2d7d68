package informers

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/tools/cache"
)

// told is a handler that notes what it is told, and when.
type told struct {
	mu     sync.Mutex
	events []string
	at     []time.Time
}

func (h *told) note(event string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events, h.at = append(h.events, event), append(h.at, time.Now())
}

func (h *told) OnAdd(of any, _ bool) { h.note("+" + of.(string)) }
func (h *told) OnUpdate(_, of any)   { h.note("=" + of.(string)) }
func (h *told) OnDelete(of any)      { h.note("-" + of.(string)) }

var _ cache.ResourceEventHandler = &told{}

func TestEventsOfManyObjectsComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &told{}
		p := &paced{handler: h}
		for range 10_000 {
			p.OnAdd("a", true)
		}
		if len(h.events) != 10_000 {
			t.Fatalf("%d events of what is there at first", len(h.events))
		}
		time.Sleep(time.Second)
		h.events, h.at = nil, nil
		begin := time.Now()
		p.OnUpdate("", "1") // the first after a while
		if len(h.events) != 1 {
			t.Fatal("it has waited")
		}
		p.OnAdd("2", false)
		time.Sleep(longestWait / 2)
		p.OnDelete("3")
		p.OnUpdate("", "4")
		if len(h.events) != 1 {
			t.Fatalf("not together: %v", h.events)
		}
		time.Sleep(longestWait)
		if want := []string{"=1", "+2", "-3", "=4"}; !slices.Equal(h.events, want) {
			t.Errorf("%v, not %v", h.events, want)
		}
		if late := h.at[3].Sub(begin); late != longestWait || !h.at[1].Equal(h.at[3]) {
			t.Errorf("after %v and %v", h.at[1].Sub(begin), late)
		}
	})
}

func TestEventsOfFewObjectsDoNotWaitLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &told{}
		p := &paced{handler: h}
		for range 4 {
			p.OnAdd("a", false)
		}
		time.Sleep(4 * waitPerObject)
		if len(h.events) != 4 {
			t.Errorf("%d events", len(h.events))
		}
	})
}
