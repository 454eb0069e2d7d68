#!/usr/bin/env bash
# What needs the control plane compiled in: the command with it, vetted and run by its scripts, the README's part on it, and the
# examples of package testenv.
set -euo pipefail
cd "$(dirname "$0")/.."
go vet -tags whole ./cmd/kubecraft/...
go test -vet=off -timeout 60m -tags whole -run Whole ./cmd/kubecraft ./hack/docs
(cd examples/testenv && go test -vet=off ./...)
