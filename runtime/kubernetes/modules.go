//go:build modules

package kubernetes

// A module that imports this package needs these for `go mod tidy`, which looks at the tests of what it imports, and k8s.io/kubernetes
// asks for versions of them that there are not. Named here, they are in kubecraft's go.mod, by the versions that there are.
import _ "k8s.io/cri-api/pkg/apis/runtime/v1"
