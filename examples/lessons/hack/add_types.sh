#!/usr/bin/env bash
# Adds a type:  bash hack/add_types.sh GROUP VERSION KIND [FLAG...]   such as: example v1 bar
# The kind's first letter may be small. Flags are those of `kubecraft add type`.
# KUBECRAFT is the command to run, when it is not kubecraft on PATH.
set -o errexit -o nounset -o pipefail

if [[ $# -lt 3 ]]; then
	echo "usage: bash hack/add_types.sh GROUP VERSION KIND [FLAG...]" >&2
	exit 2
fi
group=$1 version=$2 kind=$3
shift 3
kind=$(printf '%s' "${kind:0:1}" | tr '[:lower:]' '[:upper:]')${kind:1}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Unquoted, so that KUBECRAFT may hold arguments as well.
exec ${KUBECRAFT:-kubecraft} add type "${group}/${version}" "${kind}" "$@"
