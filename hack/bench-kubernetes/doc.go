// Command bench-kubernetes times examples/kubernetes beside kube-apiserver and etcd, started as envtest starts them, in
// one run: start to ready, memory, and pods that many clients create, read, change, list, watch and delete.
// hack/bench-kubernetes.sh builds what it compares.
package main
