// Package kubelet simulates nodes: they are ready, renew their leases, and their pods start, run and end, with no container run.
//
// What happens to nodes, pods and objects of any other kind is data: Stage objects of kwok (kwok.x-k8s.io/v1alpha1), which kwok's own
// packages match and render. The stages that are used unless others are given are in the folder stages.
package kubelet
