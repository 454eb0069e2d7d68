package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addBuiltinCommand() *cobra.Command {
	var flags writeFlags
	var all bool
	cmd := &cobra.Command{
		Use:   "builtin --all",
		Short: "Serve the built-in API of Kubernetes beside the project's own types",
		Long: `Serve the built-in API of Kubernetes beside the project's own types: all groups that kube-apiserver serves by default,
custom resources, webhooks, policies, aggregation, RBAC, and the controllers without which a client can tell. It is a
line in main.go. The first build after it compiles Kubernetes, which takes minutes; remove builtin takes it back.`,
		Example: `  kubecraft add builtin --all
  kubecraft serve -- --feature-gates=InPlacePodVerticalScaling=true    # kube-apiserver's own flags
  kubectl --kubeconfig pki/kubeconfig api-resources`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			if !all {
				return usage(cmd, "say --all: the built-in API comes as a whole")
			}
			return a.editProject(cmd.Context(), flags, scaffold.AddBuiltin, "added the built-in API", "the built-in API is there already: nothing to do")
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "the whole of it")
	return cmd
}

func (a *app) removeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "remove",
		Short:   "Take a part out of the project that add has put in",
		Example: `  kubecraft remove builtin`,
		Args:    noSuchCommand,
		RunE:    showHelp,
	}
	cmd.AddCommand(a.removeBuiltinCommand())
	return cmd
}

func (a *app) removeBuiltinCommand() *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use:     "builtin",
		Short:   "Serve the project's own types alone again",
		Long:    `Serve the project's own types alone again. What is stored of the built-in ones stays in the data folder.`,
		Example: `  kubecraft remove builtin --dry-run`,
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			return a.editProject(cmd.Context(), flags, scaffold.RemoveBuiltin, "removed the built-in API", "the built-in API is not there: nothing to do")
		},
	}
	flags.add(cmd)
	return cmd
}

// editProject makes an edit of the project that needs no generated code.
func (a *app) editProject(ctx context.Context, flags writeFlags, edit func(*project.Project) (*scaffold.Result, error), summary, nothing string) error {
	p, err := a.openProject()
	if err != nil {
		return err
	}
	edited, err := edit(p)
	if err != nil {
		return err
	}
	set, err := edits(p.Dir, edited)
	if err != nil {
		return err
	}
	return a.commit(ctx, set, flags, outcome{Dir: p.Dir, Notes: edited.Notes}, summary, nothing)
}
