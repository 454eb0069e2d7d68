#!/usr/bin/env bash
# Types every command that the documentation shows and compares what is printed: hack/docs. The part of the README that needs the control
# plane compiled in is for verify-whole.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -timeout 60m -tags readme ./hack/docs
