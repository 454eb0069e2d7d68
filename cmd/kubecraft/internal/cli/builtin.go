package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addBuiltinCommand() *cobra.Command {
	var flags writeFlags
	var all bool
	cmd := &cobra.Command{
		Use:   "builtin RESOURCE... | --all",
		Short: "Serve the built-in API of Kubernetes, or resources of it, beside the project's own types",
		Long: `Serve resources of the built-in API of Kubernetes beside the project's own types, in the project's own server: each is a
line in pkg/apiserver/install.go, and upstream's own storage, validation and defaults. Namespaces, once they are served,
exist for the project's types too. The resources, by their groups:

` + listResources() + `
With --all, the whole of it: all groups that kube-apiserver serves by default, custom resources, webhooks, policies,
aggregation, RBAC, and the controllers without which a client can tell. It is a line in main.go, and takes the place of
single resources.

The first build after it compiles what it needs of Kubernetes: a minute or two for some resources, several minutes for all
of it. remove builtin takes it back.`,
		Example: `  kubecraft add builtin nodes pods
  kubecraft add builtin deploy rs --dry-run                            # kubectl's short names will do
  kubecraft add builtin --all
  kubecraft serve -- --feature-gates=InPlacePodVerticalScaling=true    # kube-apiserver's own flags, after --all`,
		ValidArgsFunction: completeResources,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			switch {
			case all && len(args) > 0:
				return usage(cmd, "--all has %s in it: leave one of the two out", strings.Join(args, " and "))
			case all:
				return a.editProject(cmd.Context(), flags, projectEdit{edit: scaffold.AddBuiltin, summary: "added the built-in API", nothing: "the built-in API is there already: nothing to do"})
			case len(args) == 0:
				return usage(cmd, "say which resources, such as nodes and pods, or --all")
			}
			resources, names, err := findResources(cmd, args)
			if err != nil {
				return err
			}
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return scaffold.AddBuiltinResources(p, resources) },
				summary: "added", nothing: names + " are there already: nothing to do",
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "the whole of it")
	return cmd
}

func (a *app) removeBuiltinCommand() *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use:   "builtin [RESOURCE...]",
		Short: "Serve resources of the built-in API no more, or none of it",
		Long: `Serve resources of the built-in API of Kubernetes no more or, without any named, the project's own types alone again.
What is stored of the built-in ones stays in the data folder.`,
		Example: `  kubecraft remove builtin pods
  kubecraft remove builtin --dry-run`,
		ValidArgsFunction: completeResources,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			if len(args) == 0 {
				return a.editProject(cmd.Context(), flags, projectEdit{edit: scaffold.RemoveBuiltin, summary: "removed the built-in API", nothing: "the built-in API is not there: nothing to do"})
			}
			resources, names, err := findResources(cmd, args)
			if err != nil {
				return err
			}
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit: func(p *project.Project) (*scaffold.Result, error) {
					return scaffold.RemoveBuiltinResources(p, resources)
				},
				summary: "removed", nothing: names + " are not there: nothing to do",
			})
		},
	}
	flags.add(cmd)
	return cmd
}

// findResources reads the names of built-in resources, and writes them as a sentence does.
func findResources(cmd *cobra.Command, args []string) (resources []builtin.Resource, sentence string, err error) {
	var names []string
	for _, arg := range args {
		r, err := builtin.Find(arg)
		if err != nil {
			return nil, "", usage(cmd, "%v", err)
		}
		if !slices.Contains(names, r.Name) {
			resources, names = append(resources, r), append(names, r.Name)
		}
	}
	return resources, builtin.Join(names), nil
}

// helpWidth is how wide the lines of help are.
const helpWidth = 115

// listResources writes the built-in resources, each group from a line of its own on.
func listResources() string {
	var lines []string
	folder := ""
	for _, r := range builtin.Resources() {
		last := len(lines) - 1
		switch {
		case r.Folder != folder:
			lines = append(lines, fmt.Sprintf("  %-13s %s", r.Folder, r.Name))
		case len(lines[last])+1+len(r.Name) > helpWidth:
			lines = append(lines, fmt.Sprintf("  %-13s %s", "", r.Name))
		default:
			lines[last] += " " + r.Name
		}
		folder = r.Folder
	}
	return strings.Join(lines, "\n") + "\n"
}

// completeResources completes the names of resources that are not on the line yet.
func completeResources(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, r := range builtin.Resources() {
		if !slices.Contains(args, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
