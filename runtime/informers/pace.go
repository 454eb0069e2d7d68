package informers

import (
	"sync"
	"time"

	"k8s.io/client-go/tools/cache"
)

const (
	// waitPerObject is how long events wait for others, for each object that there is, and longestWait at most.
	waitPerObject = 25 * time.Microsecond
	longestWait   = 250 * time.Millisecond
)

// paced tells a handler of events in batches while there are many. What upstream's controllers do for an event often costs in proportion
// to all objects there are (k8s.io/kubernetes/pkg/controller/replicaset/replica_set.go: claimPods, calculateStatus;
// pkg/controller/endpointslice/endpointslice_controller.go: checkNodeTopologyDistribution), and is done once for several that come
// together: so the more objects there are, the longer an event waits for others. The first one after a while does not.
type paced struct {
	handler cache.ResourceEventHandler

	mu      sync.Mutex
	objects int
	waiting []func()
	told    time.Time
}

// OnAdd implements cache.ResourceEventHandler. What is there at first is told at once: the handler has synced after it.
func (p *paced) OnAdd(object any, initial bool) {
	p.event(1, initial, func() { p.handler.OnAdd(object, initial) })
}

// OnUpdate implements cache.ResourceEventHandler.
func (p *paced) OnUpdate(before, object any) {
	p.event(0, false, func() { p.handler.OnUpdate(before, object) })
}

// OnDelete implements cache.ResourceEventHandler.
func (p *paced) OnDelete(object any) {
	p.event(-1, false, func() { p.handler.OnDelete(object) })
}

func (p *paced) event(more int, atOnce bool, tell func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.objects += more
	wait := time.Until(p.told.Add(min(waitPerObject*time.Duration(p.objects), longestWait)))
	if len(p.waiting) == 0 && (wait <= 0 || atOnce) {
		tell()
		p.told = time.Now()
		return
	}
	if p.waiting = append(p.waiting, tell); len(p.waiting) == 1 {
		time.AfterFunc(wait, p.tellAll)
	}
}

func (p *paced) tellAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, tell := range p.waiting {
		tell()
	}
	p.waiting, p.told = nil, time.Now()
}
