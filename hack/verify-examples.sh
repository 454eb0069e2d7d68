#!/usr/bin/env bash
# Fails if examples/ are not what the verbs write plus hack/examples.
set -euo pipefail
exec "$(dirname "$0")/update-examples.sh" --verify
