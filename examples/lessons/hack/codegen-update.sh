#!/usr/bin/env bash
# An older name of update-codegen.sh.
set -o errexit -o nounset -o pipefail

exec bash "$(dirname "${BASH_SOURCE[0]}")/update-codegen.sh" "$@"
