#!/usr/bin/env bash
# Times a control plane in a Go test: runtime/testenv beside controller-runtime's envtest, whose kube-apiserver and etcd are
# built from the module proxy, and the memory of twenty of testenv's at once. Flags go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
echo "building kube-apiserver and etcd..." >&2
go build -ldflags=-w -o "$bin/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
(cd hack/bench-server/peers && go build -o "$bin/etcd" go.etcd.io/etcd/server/v3)
cd hack/bench-testenv
KUBEBUILDER_ASSETS=$bin go test -run '^$' -bench . -benchtime 7x "$@"
