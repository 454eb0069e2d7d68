// Command kubecraft writes Kubernetes-style control planes of one's own, and builds and runs them. With the build tag whole it
// is one itself: the control plane and kubectl are compiled in.
package main

import (
	"os"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, controlPlane()))
}
