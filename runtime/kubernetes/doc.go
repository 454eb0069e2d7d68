// Package kubernetes is the built-in API of Kubernetes as a part of a control plane: the groups, custom resources,
// admission, authorization and aggregation of kube-apiserver, from upstream's own packages, over this process's store.
//
// All serves the whole of it. Requests pass upstream's chain of servers, with the project's own groups in it:
//
//	aggregator → kube-apiserver → the project's groups → custom resources
package kubernetes
