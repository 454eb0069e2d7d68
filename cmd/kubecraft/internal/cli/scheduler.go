package cli

import "github.com/kubecraft/kubecraft/generator/scaffold"

func schedulerVerbs() componentVerbs {
	return componentVerbs{
		kind: scaffold.Scheduler(), example: "binpack",
		short: "Add a scheduler of your own: kube-scheduler with a Filter and a Score plugin to change",
		long: `Add a scheduler of your own to the project's control plane, which must serve the whole built-in API (add builtin --all):
kube-scheduler under another name, with plugins in Go that are compiled in. It runs beside the default one, or without it, and places the
pods that ask for it with schedulerName.

pkg/components/scheduler/NAME gets a Filter plugin (which nodes will not do), a Score plugin (which is the best), their configuration, a
KubeSchedulerConfiguration, and a test in a cluster of two nodes; main.go gets a line. kubecraft why shows what the plugins said.`,
		examples: `  kubecraft add scheduler binpack
  kubecraft add scheduler gpu-aware --dry-run`,
	}
}
