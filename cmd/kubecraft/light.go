//go:build !whole

package main

import "github.com/kubecraft/kubecraft/cmd/kubecraft/internal/cli"

// controlPlane is not in this build: verbs that need it hand over to one that has it.
func controlPlane() cli.ControlPlane { return nil }
