// Package testenv has tests as a project has them that uses kubecraft for nothing else: of code on client-go, and of a
// controller and a webhook on controller-runtime. config holds the manifests, as kubebuilder lays them out.
package testenv
