#!/usr/bin/env bash
# Types every command that the documentation shows and compares what is printed: hack/docs.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -timeout 60m ./hack/docs # as .ci/run has it, so that the result is cached
