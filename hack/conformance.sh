#!/usr/bin/env bash
# Runs upstream's end-to-end specs that need no node against examples/kubernetes and against kube-apiserver over etcd, all
# built from the module proxy, and writes their part of docs/conformance.md. By hand: it compiles for some minutes the first
# time, and runs for a quarter of an hour, mostly waiting. Flags go to the program: hack/conformance.sh --focus Watchers
# With --cluster as the first one it runs those of sig-apps and sig-scheduling against kubecraft serve, and writes theirs.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ "${1:-}" == --cluster ]]; then
	bin=$(mktemp -d)
	server=
	trap 'if [[ -n "$server" ]]; then kill "$server"; wait "$server" || true; fi; rm -rf "$bin"' EXIT
	release=
	go build -tags whole -ldflags=-w -o "$bin/kubecraft" ./cmd/kubecraft
	export OURS="$bin/kubeconfig"
	XDG_DATA_HOME="$bin/data" "$bin/kubecraft" serve --storage memory --nodes 5 --write-kubeconfig "$OURS" >&2 &
	server=$!
	until [[ -s "$OURS" ]]; do kill -0 "$server"; sleep 0.1; done
	sides=()
	set -- --patience 400s "$@" # pods that run are waited for up to five minutes
else
	. hack/compare-kubernetes/build.sh
fi
echo "building the specs..." >&2
(cd hack/kubectl && go build -ldflags="-w $release" -o "$bin/kubectl" .)
(cd hack/conformance && go build -ldflags="-w $release" -o "$bin/conformance" .)
"${sides[@]}" "$bin/conformance" --kubectl "$bin/kubectl" --page "$PWD/docs/conformance.md" "$@"
