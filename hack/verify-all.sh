#!/usr/bin/env bash
# Every verify script, one line each; all are run even if one fails.
set -uo pipefail
cd "$(dirname "$0")"
failed=0
for script in verify-*.sh; do
	[[ "$script" == verify-all.sh ]] && continue
	start=$SECONDS
	if out=$("./$script" 2>&1); then
		echo "ok    $script ($((SECONDS - start)) s)"
	else
		echo "FAIL  $script ($((SECONDS - start)) s)"
		sed 's/^/      /' <<<"$out"
		failed=1
	fi
done
exit $failed
