// Package kubecraft is data only: the sources of runtime/ and the module files, which a build of the kubecraft
// command that is not a release hands to the projects it writes. It stands at the top because embed patterns
// cannot climb.
package kubecraft

import "embed"

// Sources holds runtime/, go.mod and go.sum as they were when this binary was built.
//
//go:embed runtime go.mod go.sum LICENSE
var Sources embed.FS
