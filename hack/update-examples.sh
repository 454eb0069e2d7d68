#!/usr/bin/env bash
# Makes examples/ anew: what kubecraft's verbs write, then the edits that a user would make, which are the patches in
# hack/examples. With --verify it writes nothing and fails, showing the difference, if examples/ is not that.
set -euo pipefail
cd "$(dirname "$0")/.."

# The work is done beside the real ones: a project inside this checkout refers to it by a relative path.
work=$(mktemp -d examples/.new-XXXXXX)
trap 'rm -rf "$work" "$bin"' EXIT
bin=$(mktemp -d)
go build -o "$bin/kubecraft" ./cmd/kubecraft
kubecraft() { "$bin/kubecraft" "$@" >/dev/null; }

minimal() {
	kubecraft init . --module example.com/demo
	kubecraft add type example/v1 Foo
	kubecraft add type example/v1 Bar --short-names br
}

# sample-apiserver's API: two versions of Flunder that differ, and Fischer, which has no namespace.
wardle() {
	kubecraft init . --module example.com/wardle
	kubecraft add type wardle.example.com/v1alpha1 Flunder
	kubecraft add type wardle.example.com/v1alpha1 Fischer --cluster-scoped --no-status
	kubecraft add type wardle.example.com/v1beta1 Flunder
	git apply ../../hack/examples/wardle.patch
	go mod tidy
	kubecraft generate
}

# The built-in API with types of one's own beside it.
kubernetes() {
	minimal
	kubecraft add builtin --all
}

# A cluster: what kubecraft serve runs outside projects, with types, and with all that can be added to a type and to a project.
cluster() {
	kubernetes
	kubecraft add type example/v2 Bar
	sed -i.bak 's/Description string `json:"description,/Text string `json:"text,/' pkg/apis/example/v2/bar.go
	rm pkg/apis/example/v2/bar.go.bak
	kubecraft add conversion example/v2/Bar
	git apply ../../hack/examples/cluster.patch
	kubecraft add subresource example/v1/Bar scale
	kubecraft add subresource example/v1/Bar approve --field status.phase
	kubecraft add validation example/v1/Bar
	kubecraft add defaulting example/v1/Bar
	kubecraft add printcolumns example/v1/Bar --column Generation=.metadata.generation
	kubecraft add part controllers scheduler kubelet
	kubecraft add authenticator tokens
	kubecraft add authenticator sso --example oidc
	kubecraft add authorizer rules
	kubecraft add admission owners
	kubecraft add admission bar-owners --for example/v1/Bar
	kubecraft add controller barkeeper --for example/v1/Bar
	kubecraft add scheduler binpack
	kubecraft add kubelet worker
}

# What the lessons lead to: docs/lessons.
lessons() {
	kubecraft init . --module example.com/lessons
	for lesson in ../../docs/lessons/*.txtar; do
		kubecraft learn "$(basename "$lesson" .txtar)" --apply
	done
	go mod tidy
}

failed=0
for example in minimal wardle kubernetes cluster lessons; do
	# One level below examples/, as deep as the real one.
	rm -rf "$work" && mkdir "$work"
	(cd "$work" && "$example")
	if [[ "${1:-}" == --verify ]]; then
		diff --recursive --unified --new-file --exclude=bin --exclude=data --exclude=pki "examples/$example" "$work" || failed=1
	else
		# Served data stays: only what is committed is replaced.
		mkdir -p "examples/$example"
		find "examples/$example" -mindepth 1 -maxdepth 1 ! -name bin ! -name data ! -name pki -exec rm -rf {} +
		cp -R "$work/." "examples/$example/"
	fi
done
if ((failed)); then
	echo "examples/ differ from what the verbs write: hack/update-examples.sh makes them anew" >&2
fi
exit "$failed"
