#!/usr/bin/env bash
# Times examples/kubernetes over SQLite and memory beside kube-apiserver and etcd, built from the module proxy and started
# as envtest starts them, in one run. Flags go to the program: hack/bench-kubernetes.sh --rounds 3
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
echo "building the server and its peers..." >&2
(cd examples/kubernetes && go build -ldflags=-w -o "$bin/server" .)
[[ "$*" != *-starts* ]] || go build -tags whole -ldflags=-w -o "$bin/kubecraft" ./cmd/kubecraft
if [[ "$*" != *-starts* && "$*" != *-profile* ]]; then
	go build -ldflags=-w -o "$bin/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
	(cd hack/bench-server/peers && go build -o "$bin/etcd" go.etcd.io/etcd/server/v3)
fi
go build -o "$bin/bench-kubernetes" ./hack/bench-kubernetes
"$bin/bench-kubernetes" --server "$bin/server" --whole "$bin/kubecraft" --kube-apiserver "$bin/kube-apiserver" --etcd "$bin/etcd" "$@"
