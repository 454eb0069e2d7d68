#!/usr/bin/env bash
# Generates what describes the types that components serve: the OpenAPI definitions of runtime/scheduler/decision/v1, with its copy
# functions, and those of metrics.k8s.io in runtime/kubelet/metrics. With --verify it writes nothing and fails, showing the
# difference, if they are not what would be generated.
set -euo pipefail
cd "$(dirname "$0")/.."
decisions=runtime/scheduler/decision/v1 metrics=runtime/kubelet/metrics
common=(k8s.io/apimachinery/pkg/apis/meta/v1 k8s.io/apimachinery/pkg/runtime k8s.io/apimachinery/pkg/version)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in $decisions $metrics; do
	mkdir -p "$work/$package"
	cp "$package"/*.go "$work/$package"
done
: >"$work/header"
go run k8s.io/code-generator/cmd/deepcopy-gen --go-header-file "$work/header" --output-file zz_generated.deepcopy.go "./$decisions"
openapi() { # package, then what is passed on
	local package=$1
	shift
	go run k8s.io/kube-openapi/cmd/openapi-gen --go-header-file "$work/header" --output-dir "$package" --output-pkg "github.com/kubecraft/kubecraft/$package" \
		--output-file zz_generated.openapi.go --report-filename /dev/null "$@" "${common[@]}"
	gofmt -w "$package"
}
openapi $decisions --output-model-name-file zz_generated.model_name.go ./$decisions
openapi $metrics k8s.io/metrics/pkg/apis/metrics/v1beta1 k8s.io/apimachinery/pkg/api/resource
if [[ "${1:-}" == --verify ]]; then
	status=0
	for package in $decisions $metrics; do
		if ! diff -u "$work/$package" "$package"; then
			cp "$work/$package"/*.go "$package"
			status=1
		fi
	done
	[[ $status == 0 ]] || echo "run hack/update-openapi.sh" >&2
	exit $status
fi
