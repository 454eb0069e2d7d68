#!/usr/bin/env bash
# Writes templates/project/modules: the go.mod of generated projects, one for each set of modules that their code can
# import, and the go.sum that they share, from kubecraft's own versions. Run it after changing go.mod or an import in
# runtime/. `go test ./generator/scaffold` says when it has to be run.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# What is written is compiled into the second run.
go test ./generator/scaffold -count=1 -run '^TestModuleFiles$' -update-modules
go test ./generator/scaffold -count=1 -run '^TestModuleFiles$'
