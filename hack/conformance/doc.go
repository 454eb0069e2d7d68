// Command conformance runs upstream's end-to-end specs of sig-api-machinery, sig-auth and sig-cli against two clusters that have
// no nodes, examples/kubernetes and kube-apiserver with etcd, and writes what came of each into a page; with
// --cluster those of sig-apps and sig-scheduling against one that has nodes.
// hack/conformance.sh starts both. The module is one of its own for what the specs depend on.
package main
