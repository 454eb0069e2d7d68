#!/usr/bin/env bash
# Writes templates/project/modules: the go.mod and go.sum of generated projects, one pair for each set of modules that
# their code can ask for, from kubecraft's own versions. Run it after changing go.mod or an import of runtime/.
# The check is part of `go test ./generator/scaffold`.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p templates/project/modules
# An update starts from kubecraft's own requirements, so it works without the files as well.
for composition in empty types scale; do
	touch "templates/project/modules/${composition}.mod" "templates/project/modules/${composition}.sum"
done
go test ./generator/scaffold -count=1 -run '^TestModuleFiles$' -update-modules
go test ./generator/scaffold -count=1 -run '^TestModuleFiles$'
