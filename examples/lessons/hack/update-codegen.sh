#!/usr/bin/env bash
# Regenerates everything that is generated from the types: zz_generated.* and pkg/generated.
# KUBECRAFT is the command to run, when it is not kubecraft on PATH.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Unquoted, so that KUBECRAFT may hold arguments as well.
exec ${KUBECRAFT:-kubecraft} generate "$@"
