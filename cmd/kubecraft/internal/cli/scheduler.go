package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addSchedulerCommand() *cobra.Command {
	return a.schedulerCommand(schedulerVerb{
		short: "Add a scheduler of your own: kube-scheduler with a Filter and a Score plugin to change",
		long: `Add a scheduler of your own to the project's control plane, which must serve the whole built-in API (add builtin --all):
kube-scheduler under another name, with plugins in Go that are compiled in. It runs beside the default one, or without it, and places the
pods that ask for it with schedulerName.

pkg/components/scheduler/NAME gets a Filter plugin (which nodes will not do), a Score plugin (which is the best), their configuration, a
KubeSchedulerConfiguration, and a test in a cluster of two nodes; main.go gets a line. kubecraft why shows what the plugins said.

remove scheduler takes it back.`,
		example: `  kubecraft add scheduler binpack
  kubecraft add scheduler gpu-aware --dry-run`,
		edit: scaffold.AddScheduler, done: "added", nothing: "there already: nothing to do",
	})
}

func (a *app) removeSchedulerCommand() *cobra.Command {
	return a.schedulerCommand(schedulerVerb{
		short:   "Take a scheduler of your own out of the control plane",
		long:    "Take a scheduler of your own out of the project's control plane. Its package goes too, unless something in it has changed.",
		example: "  kubecraft remove scheduler binpack",
		edit:    scaffold.RemoveScheduler, done: "removed", nothing: "not there: nothing to do",
		complete: scaffold.Schedulers,
	})
}

// schedulerVerb is what is done with a scheduler.
type schedulerVerb struct {
	short, long, example string
	edit                 func(*project.Project, component.Component) (*scaffold.Result, error)
	done, nothing        string
	complete             func(*project.Project) ([]string, error)
}

func (a *app) schedulerCommand(verb schedulerVerb) *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use: "scheduler NAME", Short: verb.short, Long: verb.long, Example: verb.example,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			if p, err := a.openProject(); err == nil && verb.complete != nil && len(args) == 0 {
				names, _ = verb.complete(p)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			if len(args) != 1 {
				return usage(cmd, "say which scheduler by one name, as in %s scheduler binpack", cmd.Parent().CommandPath())
			}
			scheduler, err := scaffold.NewScheduler(args[0])
			if err != nil {
				return usage(cmd, "%v", err)
			}
			return a.editProject(cmd.Context(), flags, func(p *project.Project) (*scaffold.Result, error) {
				return verb.edit(p, scheduler)
			}, verb.done+" scheduler "+scheduler.Name, "scheduler "+scheduler.Name+" is "+verb.nothing)
		},
	}
	flags.add(cmd)
	return cmd
}
