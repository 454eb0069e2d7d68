package scheduler

import (
	"sync"

	k8smetrics "k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
)

// lostNotes is the metric of all recorders in the process, as the registry that the server shows is. It is registered the first time.
var lostNotes = sync.OnceValue(func() *k8smetrics.Counter {
	lost := k8smetrics.NewCounter(&k8smetrics.CounterOpts{
		Name:           "kubecraft_scheduler_notes_lost_total",
		Help:           "What was not written down of how pods were scheduled, as too much was waiting: decisions, and what came of them later.",
		StabilityLevel: k8smetrics.ALPHA,
	})
	legacyregistry.MustRegister(lost)
	return lost
})
