// Package runtime is the half of kubecraft that runs control planes. Nothing in it is imported by this name; start at
//
//   - controlplane: what a project's main.go calls, with the parts that its control plane is made of
//   - apiserver: a Kubernetes-style API server over k8s.io/apiserver
//   - registry: what the storage of a project's resources is built from
//   - storage: where objects live, in memory, in SQLite or in etcd servers
//   - pki: certificates and kubeconfig
//   - kubernetes: the built-in API of Kubernetes, as a part; controllers: those that it needs
//   - loopback: how a server calls itself
//   - roundtrip: the test that a project's types survive encoding and conversion
package runtime
