#!/usr/bin/env bash
# Times examples/minimal's server over SQLite, memory, a real etcd and kine with SQLite, all durable stores with fsync,
# in one run. Flags go to the program: hack/bench-server.sh --rounds 3
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
echo "building the server and its peers..." >&2
(cd examples/minimal && go build -o "$bin/server" .)
(cd hack/bench-server/peers && go build -o "$bin/etcd" go.etcd.io/etcd/server/v3 && go build -o "$bin/kine" github.com/k3s-io/kine)
go build -o "$bin/bench-server" ./hack/bench-server
"$bin/bench-server" --server "$bin/server" --etcd "$bin/etcd" --kine "$bin/kine" "$@"
