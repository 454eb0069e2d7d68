// Package controllers is kube-controller-manager as a part of a control plane: upstream's own controllers, against an API server in
// the same process.
package controllers
