#!/usr/bin/env bash
# Works on examples/kubernetes at full rate and fails if its heap or its goroutines grow after the warm-up. Flags go to the
# program: hack/churn-kubernetes.sh --for 20m
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
echo "building the server..." >&2
(cd examples/kubernetes && go build -ldflags=-w -o "$bin/server" .)
go build -o "$bin/churn-kubernetes" ./hack/churn-kubernetes
"$bin/churn-kubernetes" --server "$bin/server" "$@"
