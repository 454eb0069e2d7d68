package controllers

import (
	"net/http"
	"strings"

	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/utils/lru"
)

const (
	// statusQPS and statusBurst are how often the status of one object is written.
	statusQPS   = 2
	statusBurst = 20
	// concurrentSyncs is how many objects a controller that waits looks at together, where upstream's default is five.
	concurrentSyncs = 100
	// pacedObjects is of how many objects it is known how often that was. It is forgotten of those that were written longest ago.
	pacedObjects = 1000
)

// pace makes a controller wait that writes the status of one object again and again. Each write is an event for it, and it looks at all pods
// again (k8s.io/kubernetes/pkg/controller/replicaset/replica_set.go: claimPods, calculateStatus), some of which have changed: while
// thousands start, that would take half a core, and nobody would have the last status sooner.
type pace struct {
	http.RoundTripper
	limiters *lru.Cache
}

func newPace(next http.RoundTripper) http.RoundTripper { return pace{next, lru.New(pacedObjects)} }

// RoundTrip implements http.RoundTripper.
func (p pace) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPut && strings.HasSuffix(req.URL.Path, "/status") {
		limiter, ok := p.limiters.Get(req.URL.Path)
		if !ok {
			limiter = flowcontrol.NewTokenBucketRateLimiter(statusQPS, statusBurst)
			p.limiters.Add(req.URL.Path, limiter)
		}
		if err := limiter.(flowcontrol.RateLimiter).Wait(req.Context()); err != nil {
			if req.Body != nil {
				_ = req.Body.Close()
			}
			return nil, err
		}
	}
	return p.RoundTripper.RoundTrip(req)
}
