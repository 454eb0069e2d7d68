// Package apiserver makes a Kubernetes-style API server out of groups of resources, a store and certificates, over
// k8s.io/apiserver: Options, then Config, then Server, as servers there are made.
package apiserver
