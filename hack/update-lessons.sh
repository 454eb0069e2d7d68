#!/usr/bin/env bash
# Writes the pages in docs/lessons anew, from the lessons beside them.
set -euo pipefail
cd "$(dirname "$0")/.."
go test ./docs/lessons -run TestPages -update >/dev/null
