#!/usr/bin/env bash
# What the verbs generate is what upstream's kube_codegen.sh generates, byte for byte. The script takes a minute, so this is no
# plain test.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -tags script ./hack/kubecodegen
