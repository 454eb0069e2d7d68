//go:build whole

package main

import (
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/cli"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/whole"
)

// controlPlane is all of Kubernetes, compiled in.
func controlPlane() cli.ControlPlane { return whole.ControlPlane{} }
