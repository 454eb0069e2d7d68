#!/usr/bin/env bash
# Fails if a go.mod is not what `go mod tidy` gives. hack/update-gomod.sh makes those of generated projects anew.
set -euo pipefail
cd "$(dirname "$0")/.."
for module in . hack/tools hack/kubectl hack/etcdctl hack/helm hack/controller-runtime hack/sample-controller hack/bench-testenv hack/bench-server/peers hack/bench-cluster/peers hack/conformance examples/minimal examples/wardle examples/kubernetes examples/cluster examples/lessons examples/testenv; do
	(cd "$module" && go mod tidy -diff) || { echo "$module: run go mod tidy there" >&2; exit 1; }
done
