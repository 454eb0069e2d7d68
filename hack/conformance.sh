#!/usr/bin/env bash
# Runs upstream's end-to-end specs that need no node against examples/kubernetes and against kube-apiserver over etcd, all
# built from the module proxy, and writes their part of docs/conformance.md. By hand: it compiles for some minutes the first
# time, and runs for a quarter of an hour, mostly waiting. Flags go to the program: hack/conformance.sh --focus Watchers
set -euo pipefail
cd "$(dirname "$0")/.."
. hack/compare-kubernetes/build.sh
echo "building the specs..." >&2
(cd hack/kubectl && go build -ldflags="-w $release" -o "$bin/kubectl" .)
(cd hack/conformance && go build -ldflags="-w $release" -o "$bin/conformance" .)
"${sides[@]}" "$bin/conformance" --kubectl "$bin/kubectl" --page "$PWD/docs/conformance.md" "$@"
