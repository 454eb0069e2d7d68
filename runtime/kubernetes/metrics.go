package kubernetes

import (
	_ "time/tzdata" // cron jobs name time zones, also where the system has none

	basecompatibility "k8s.io/component-base/compatibility"
	"k8s.io/component-base/featuregate"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubeoptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// measureFeatures puts the feature gates and versions into /metrics, as the command kube-apiserver does before it runs a
// server (k8s.io/kubernetes/cmd/kube-apiserver/app.NewAPIServerCommand). The imports above are those of its main package.
func measureFeatures(options kubeoptions.CompletedOptions) {
	process.Lock()
	defer process.Unlock()
	registry := options.GenericServerRunOptions.ComponentGlobalsRegistry
	if gate, ok := registry.FeatureGateFor(basecompatibility.DefaultKubeComponent).(featuregate.MutableFeatureGate); ok {
		gate.AddMetrics()
	}
	registry.AddMetrics()
}
