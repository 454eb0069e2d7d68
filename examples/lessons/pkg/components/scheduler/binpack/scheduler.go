// Package binpack is a scheduler: kube-scheduler with plugins of one's own. Pods ask for it with schedulerName: binpack.
package binpack

import (
	_ "embed"

	"github.com/kubecraft/kubecraft/runtime/scheduler"
)

// Name is the scheduler's, in the spec of pods, and that of its part: serve --without binpack leaves it out, --binpack-config FILE gives
// it another configuration.
const Name = "binpack"

// config says which plugins are asked, and with what weight.
//
//go:embed config.yaml
var config []byte

// Scheduler is the part that runs it.
func Scheduler() *scheduler.Part {
	return &scheduler.Part{
		PartName: Name,
		Config:   config,
		Plugins: map[string]scheduler.PluginFactory{
			FilterName: newFilter,
			ScoreName:  newScore,
		},
	}
}
