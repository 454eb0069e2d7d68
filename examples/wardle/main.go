// Command wardle is a Kubernetes-style control plane, made of the parts listed in main.
package main

import (
	"os"

	"github.com/kubecraft/kubecraft/runtime/controlplane"

	"example.com/wardle/pkg/apiserver"
)

func main() {
	os.Exit(controlplane.Main("wardle", os.Args[1:],
		apiserver.Groups(),
	))
}
