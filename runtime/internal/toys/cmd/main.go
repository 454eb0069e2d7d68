// Command cmd serves the toys, and sample-apiserver's group beside them. It is what tests and benchmarks run as a process.
package main

import (
	"os"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
)

func main() {
	os.Exit(controlplane.Main("toys", os.Args[1:], serve.Groups()))
}
