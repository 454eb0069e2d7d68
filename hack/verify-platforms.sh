#!/usr/bin/env bash
# The command compiles for Windows and macOS, and the types are right there of the one with the control plane compiled in.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
platforms=(windows/amd64 darwin/arm64)
for platform in "${platforms[@]}"; do
	GOOS=${platform%/*} GOARCH=${platform#*/} go build -o /dev/null ./cmd/kubecraft
done
go run ./hack/typecheck -tags whole ./cmd/kubecraft "${platforms[@]}"
