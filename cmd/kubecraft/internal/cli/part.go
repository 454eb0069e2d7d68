package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addPartCommand() *cobra.Command {
	return a.partCommand(partVerb{
		short: "Make a cluster of the API server: controllers, a scheduler, simulated nodes",
		long: `Add parts of a cluster to the project's control plane, which must serve the whole built-in API (add builtin --all). Each is a line
in main.go, and upstream's own code, in the server's process:

  controllers   those of kube-controller-manager: a Deployment gets its pods, a namespace that is deleted goes
  scheduler     kube-scheduler: pods are bound to nodes
  kubelet       simulated nodes, on which pods run without a container

remove part takes them back. kubecraft serve --without leaves one out for once.`,
		example: `  kubecraft add part controllers scheduler kubelet
  kubecraft add part scheduler --dry-run`,
		edit: scaffold.AddParts, done: "added", nothing: "there already: nothing to do",
	})
}

func (a *app) removePartCommand() *cobra.Command {
	return a.partCommand(partVerb{
		short:   "Take controllers, scheduler or simulated nodes out of the control plane",
		long:    "Take parts of a cluster out of the project's control plane. What is stored stays in the data folder.",
		example: "  kubecraft remove part scheduler",
		edit:    scaffold.RemoveParts, done: "removed", nothing: "not there: nothing to do",
	})
}

// partVerb is what is done with parts.
type partVerb struct {
	short, long, example string
	edit                 func(p *project.Project, names []string) (*scaffold.Result, error)
	done, nothing        string
}

func (a *app) partCommand(verb partVerb) *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use: "part NAME...", Short: verb.short, Long: verb.long, Example: verb.example,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return slices.DeleteFunc(scaffold.Parts(), func(name string) bool { return slices.Contains(args, name) }), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			if len(args) == 0 {
				return usage(cmd, "say which parts, of %s", builtin.Join(scaffold.Parts()))
			}
			var names []string
			for _, name := range args {
				if !slices.Contains(scaffold.Parts(), name) {
					return usage(cmd, "no part is called %q; there are %s", name, builtin.Join(scaffold.Parts()))
				}
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			is := " is "
			if len(names) > 1 || strings.HasSuffix(names[0], "s") {
				is = " are "
			}
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return verb.edit(p, names) },
				summary: verb.done, nothing: builtin.Join(names) + is + verb.nothing,
			})
		},
	}
	flags.add(cmd)
	return cmd
}
