#!/usr/bin/env bash
# What takes all of Kubernetes and more to compile: the command with the control plane compiled in, vetted and run by its scripts,
# the README's part on it, the examples of package testenv and of a cluster, and testenv's benchmark, which is only vetted.
set -euo pipefail
cd "$(dirname "$0")/.."
go vet -tags whole ./cmd/kubecraft/... ./hack/docs
go test -vet=off -timeout 60m -tags whole -run Whole ./cmd/kubecraft ./hack/docs
(cd examples/testenv && go test -vet=off ./...)
(cd examples/cluster && go build -o /dev/null . && go test -vet=off ./...)
(cd examples/lessons && go test -vet=off ./pkg/apis/... ./pkg/registry/... ./pkg/components/{authentication,authorization,admission}/...)
(cd hack/bench-testenv && go vet .)
