#!/usr/bin/env bash
# Compares what examples/kubernetes answers with what kube-apiserver over etcd does, beside the same controllers, all built from
# the module proxy, and writes docs/conformance.md. It fails if something differs that
# hack/compare-kubernetes/accepted.yaml has no reason for. Takes a minute and a half, once all is built.
set -euo pipefail
cd "$(dirname "$0")/.."
. hack/compare-kubernetes/build.sh
"${sides[@]}" --page docs/conformance.md
