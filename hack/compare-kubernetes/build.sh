# Sourced by scripts: builds examples/kubernetes and its peers into $bin. ${sides[@]} is the command that starts both.
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
echo "building the server and its peers..." >&2
# What a release of upstream's is told when it is linked. Ours says it by itself.
release="-X k8s.io/component-base/version.gitVersion=v1.37.2 -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37"
(cd examples/kubernetes && go build -ldflags=-w -o "$bin/server" .)
go build -ldflags="-w $release" -o "$bin/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
(cd hack/conformance && go build -ldflags="-w $release" -o "$bin/kube-controller-manager" k8s.io/kubernetes/cmd/kube-controller-manager)
(cd hack/bench-server/peers && go build -o "$bin/etcd" go.etcd.io/etcd/server/v3)
go build -o "$bin/compare-kubernetes" ./hack/compare-kubernetes
sides=("$bin/compare-kubernetes" --server "$bin/server" --kube-apiserver "$bin/kube-apiserver" --kube-controller-manager "$bin/kube-controller-manager" --etcd "$bin/etcd")
