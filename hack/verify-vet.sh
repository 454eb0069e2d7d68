#!/usr/bin/env bash
# go vet over kubecraft. The examples are vetted by the root test, each in its own module.
set -euo pipefail
cd "$(dirname "$0")/.."
go vet ./...
