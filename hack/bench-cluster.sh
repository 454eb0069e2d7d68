#!/usr/bin/env bash
# Times a simulated cluster: nodes that get ready, pods that start and go, memory, and CPU at rest. Flags go to the program:
# hack/bench-cluster.sh --nodes 1000 --pods 2000
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
echo "building the server..." >&2
go build -tags whole -ldflags=-w -o "$bin/kubecraft" ./cmd/kubecraft
go build -o "$bin/bench-cluster" ./hack/bench-cluster
"$bin/bench-cluster" --server "$bin/kubecraft" "$@"
