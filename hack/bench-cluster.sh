#!/usr/bin/env bash
# Times a simulated cluster: nodes that get ready, pods that start and go, memory, and CPU at rest. Flags go to the program:
# hack/bench-cluster.sh --nodes 1000 --pods 2000. With --peer as the first one, kwok over etcd, kube-apiserver, kube-controller-manager and
# kube-scheduler, built from the module proxy, is timed after it.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
echo "building the server..." >&2
go build -tags whole -ldflags=-w -o "$bin/kubecraft" ./cmd/kubecraft
go build -o "$bin/bench-cluster" ./hack/bench-cluster
if [[ "${1:-}" == --peer ]]; then
	shift
	echo "building its peer..." >&2
	mkdir "$bin/peer"
	go build -ldflags=-w -o "$bin/peer/" k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager k8s.io/kubernetes/cmd/kube-scheduler
	(cd hack/bench-server/peers && go build -o "$bin/peer/etcd" go.etcd.io/etcd/server/v3)
	(cd hack/bench-cluster/peers && go build -o "$bin/peer/kwok" sigs.k8s.io/kwok/cmd/kwok)
	# kwok does nothing without stages; these are its own for nodes with leases and pods that start and go at once.
	stages=$(cd hack/bench-cluster/peers && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
	mkdir "$bin/peer/stages"
	cp "$stages"/{node/fast/node-initialize,node/heartbeat-with-lease/node-heartbeat-with-lease,pod/fast/pod-ready,pod/fast/pod-complete,pod/fast/pod-delete}.yaml "$bin/peer/stages"
	set -- --peer "$bin/peer" "$@"
fi
"$bin/bench-cluster" --server "$bin/kubecraft" "$@"
