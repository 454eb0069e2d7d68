// Package departures holds what is done otherwise than in kube-apiserver, for a start in a tenth of the time or for
// less work per request. Each says what of upstream's it stands for, and what it saves; docs/performance.md has the
// measurement. Everything else of package kubernetes is upstream's own code, called as kube-apiserver calls it.
package departures
