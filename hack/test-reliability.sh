#!/usr/bin/env bash
# The tests of reliability in their long forms: many kills under running informers, 10,000 idle watches, a hundred
# starts in a process, a while of fuzzing through HTTP, and a kill in the middle of a roll-out of 10,000 pods.
# `go test ./runtime/kubernetes` and hack/verify-whole.sh run the short ones.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
# Not by `go test -fuzz`, which compiles all of Kubernetes anew to count what is covered.
go test -c -o "$bin/kubernetes.test" ./runtime/kubernetes
cd runtime/kubernetes
"$bin/kubernetes.test" -test.v -test.run '^TestInformersGoOnAfterKills$' -kills "${KILLS:-25}"
"$bin/kubernetes.test" -test.v -test.run '^TestIdleWatches$' -watches "${WATCHES:-10000}"
"$bin/kubernetes.test" -test.v -test.run '^TestStartsLeaveNothingBehind$' -starts "${STARTS:-100}"
"$bin/kubernetes.test" -test.run '^$' -test.fuzz '^FuzzRequests$' -test.fuzzcachedir "$bin/fuzz" -test.fuzztime "${FUZZTIME:-10m}"
cd ../..
go test -vet=off -timeout 60m -tags whole -run '^TestWhole$/^cluster$/^kill$' ./cmd/kubecraft -args -kill-pods "${PODS:-10000}"
