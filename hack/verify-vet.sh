#!/usr/bin/env bash
# go vet over kubecraft and the examples, which are modules of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
for module in . examples/minimal examples/wardle examples/kubernetes examples/cluster examples/lessons examples/testenv; do
	(cd "$module" && go vet ./...)
done
