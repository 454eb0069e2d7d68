#!/usr/bin/env bash
# staticcheck over kubecraft and the examples that have components of their own, but for what upstream's generators write, in the version
# that hack/tools/go.mod pins (a module of its own, so that linters never weigh on what kubecraft or a project requires).
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
(cd hack/tools && go build -o "$bin/staticcheck" honnef.co/go/tools/cmd/staticcheck)
for module in . examples/cluster examples/lessons; do
	(cd "$module" && go list ./... | grep -v /pkg/generated | xargs "$bin/staticcheck")
done
