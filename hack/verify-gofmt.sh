#!/usr/bin/env bash
# Fails, naming them, if Go files are not formatted; hack/update-gofmt.sh mends them.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=$(git ls-files -z --cached --others --exclude-standard '*.go' ':!:*zz_generated*' ':!:examples/*/pkg/generated/*' ':!:*/testdata/*' |
	xargs -0 ls -d 2>/dev/null | xargs -r -d '\n' gofmt -s -l)
if [[ -n "$bad" ]]; then
	printf 'not formatted (hack/update-gofmt.sh mends them):\n%s\n' "$bad" >&2
	exit 1
fi
