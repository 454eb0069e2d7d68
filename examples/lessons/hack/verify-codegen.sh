#!/usr/bin/env bash
# Fails, and shows the difference, when something generated is not what the types would give now.
# KUBECRAFT is the command to run, when it is not kubecraft on PATH.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Unquoted, so that KUBECRAFT may hold arguments as well.
exec ${KUBECRAFT:-kubecraft} generate --verify "$@"
