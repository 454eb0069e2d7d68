package kubernetes

import "github.com/kubecraft/kubecraft/runtime/controlplane"

// AsUpstream is All with a first start as upstream's: its hooks write what a cluster begins with, and nothing else does.
func AsUpstream() controlplane.Part { return all{asUpstream: true} }

// Owned are the flags that kubecraft sets itself, CheckArgs refuses them.
var (
	Owned     = owned
	CheckArgs = checkArgs
)
