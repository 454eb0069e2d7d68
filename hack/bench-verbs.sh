#!/usr/bin/env bash
# Times what somebody who works on a project waits for, all warm: `add type` with everything regenerated, and an edit of
# a type's field until it is served again, beside the `go build` that such an edit needs anyway. Medians of five.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/kubecraft" ./cmd/kubecraft
kubecraft=$work/kubecraft
cp -R examples/minimal "$work/demo"
cd "$work/demo"
go mod edit -replace "github.com/kubecraft/kubecraft=$root"
rm -rf data pki bin

median() { sort -n | sed -n 3p; }
now() { date +%s%N; }
field() { # adds field $1 to Bar, inside and outside
	sed -i "s/^type BarSpec struct {/&\n\t$1 string/" pkg/apis/example/bar.go
	sed -i "s/^type BarSpec struct {/&\n\t\/\/ +optional\n\t$1 string \`json:\"${1,},omitempty\"\`/" pkg/apis/example/v1/bar.go
}
ready() { # runs serve until it says that it is ready, which is ready_at
	coproc serve { exec "$kubecraft" serve 2>&1; }
	local pid=$serve_PID line
	while read -r line <&"${serve[0]}"; do [[ $line == ready* ]] && break; done
	ready_at=$(now)
	kill -INT "$pid"
	wait "$pid"
}

ready # warms the build cache
for i in 1 2 3 4 5; do
	rm -rf "$work/copy" && cp -R . "$work/copy"
	(cd "$work/copy" && TIMEFORMAT='%R %U %S' && { time "$kubecraft" add type example/v1 Baz >/dev/null; } 2>>"$work/add") || { cat "$work/add" >&2; exit 1; }
	begin=$(now)
	field "Served$i"
	ready
	echo $(((ready_at - begin) / 1000000)) >>"$work/served"
	field "Built$i"
	"$kubecraft" generate >/dev/null
	begin=$(now)
	go build -o bin/demo .
	echo $((($(now) - begin) / 1000000)) >>"$work/built"
done
echo "add type, everything regenerated: $(cut -d' ' -f1 "$work/add" | median) s, $(awk '{print $2 + $3}' "$work/add" | median) s CPU"
served=$(median <"$work/served") built=$(median <"$work/built")
echo "edit a field, until it is served: $served ms; go build alone: $built ms; more by $((served - built)) ms"
