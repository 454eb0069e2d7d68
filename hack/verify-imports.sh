#!/usr/bin/env bash
# Who may import whom, with the reason for each rule: hack/imports/rules.go.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -timeout 60m ./hack/imports # as .ci/run has it, so that the result is cached
