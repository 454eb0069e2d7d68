#!/usr/bin/env bash
# Generates the copy functions and the OpenAPI definitions of runtime/scheduler/decision/v1. With --verify it writes nothing and fails,
# showing the difference, if they are not what would be generated.
set -euo pipefail
cd "$(dirname "$0")/.."
package=runtime/scheduler/decision/v1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$package"/*.go "$work"
: >"$work/header"
go run k8s.io/code-generator/cmd/deepcopy-gen --go-header-file "$work/header" --output-file zz_generated.deepcopy.go "./$package"
go run k8s.io/kube-openapi/cmd/openapi-gen --go-header-file "$work/header" --output-dir "$package" --output-pkg "github.com/kubecraft/kubecraft/$package" \
	--output-file zz_generated.openapi.go --output-model-name-file zz_generated.model_name.go --report-filename /dev/null "./$package" \
	k8s.io/apimachinery/pkg/apis/meta/v1 k8s.io/apimachinery/pkg/runtime k8s.io/apimachinery/pkg/version
gofmt -w "$package"
if [[ "${1:-}" == --verify ]]; then
	rm "$work/header"
	if ! diff -u "$work" "$package"; then
		cp "$work"/*.go "$package"
		echo "run hack/update-decision.sh" >&2
		exit 1
	fi
fi
