// Command compare-kubernetes asks examples/kubernetes and a real kube-apiserver with etcd the same things and compares the
// answers: discovery, OpenAPI, the first objects, tables, metrics, and what either says of a corpus of bad requests. Only what
// must differ from one cluster to the next is left out. A difference that accepted.yaml has no reason for is a failure.
// hack/compare-kubernetes.sh builds what it compares; docs/conformance.md is what it writes.
package main
