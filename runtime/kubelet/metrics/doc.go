// Package metrics serves metrics.k8s.io: what pods and nodes use, as kubectl top and the HorizontalPodAutoscaler ask for it.
package metrics
