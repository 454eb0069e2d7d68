package controller

import (
	"errors"
	"sync"
	"time"

	k8smetrics "k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
)

// metrics are those of all controllers in the process, as the registry that the server shows is.
type metrics struct {
	reconciles *k8smetrics.HistogramVec
}

// theMetrics registers them the first time.
var theMetrics = sync.OnceValue(func() *metrics {
	m := &metrics{k8smetrics.NewHistogramVec(&k8smetrics.HistogramOpts{
		Name:           "kubecraft_controller_reconcile_duration_seconds",
		Help:           "How long calls of Reconcile took, by controller and result: success, error or panic.",
		Buckets:        []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60},
		StabilityLevel: k8smetrics.ALPHA,
	}, []string{"controller", "result"})}
	legacyregistry.MustRegister(m.reconciles)
	return m
})

func (m *metrics) observe(controller string, err error, took time.Duration) {
	result := "success"
	switch {
	case errors.Is(err, errPanic):
		result = "panic"
	case err != nil:
		result = "error"
	}
	m.reconciles.WithLabelValues(controller, result).Observe(took.Seconds())
}
