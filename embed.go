// Package kubecraft is data only: its own sources. A build of the kubecraft command that is not a release hands those of
// runtime/ to the projects it writes, and one without the control plane compiles all of them into one that has it. The
// package stands at the top because embed patterns cannot climb.
package kubecraft

import "embed"

// Sources holds runtime/, go.mod and go.sum as they were when this binary was built.
//
//go:embed runtime go.mod go.sum LICENSE
var Sources embed.FS

// Command holds what the command consists of beside Sources.
//
//go:embed embed.go cmd docs/lessons generator templates
var Command embed.FS
