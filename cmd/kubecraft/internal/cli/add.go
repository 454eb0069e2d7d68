package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Add a part to the project",
		Example: `  kubecraft add type example/v1 Bar --short-names br
  kubecraft add builtin nodes pods
  kubecraft add builtin --all
  kubecraft add scheduler binpack
  kubecraft add subresource example/v1 Bar scale
  kubecraft add validation example/v1 Bar`,
		Args: noSuchCommand,
		RunE: showHelp,
	}
	cmd.AddCommand(a.addTypeCommand(), a.addBuiltinCommand(), a.addPartCommand())
	cmd.AddCommand(a.addSubresourceCommand(), a.addValidationCommand(), a.addDefaultingCommand(), a.addPrintColumnsCommand(), a.addConversionCommand())
	for _, verbs := range componentKinds() {
		cmd.AddCommand(a.addComponentCommand(verbs))
	}
	return cmd
}

func (a *app) addTypeCommand() *cobra.Command {
	var flags writeFlags
	var noGenerate bool
	var want resource.Resource
	cmd := &cobra.Command{
		Use:   "type GROUP/VERSION KIND",
		Short: "Add a type to the API that the project serves, or a version to a type",
		Long: `Add a type to the API that the project serves: its internal and external Go types, how it is stored, and the code
that follows from them. The same verb adds another type to a group, another group, and another version of a type that is
there: versions share names, scope and storage. Run again with the same words it changes nothing.`,
		Example: `  kubecraft add type example/v1 Foo
  kubecraft add type example/v1 Bar --short-names br
  kubecraft add type example/v2 Bar                     # a second version, with conversion between the two
  kubecraft add type batch.example.com/v1alpha1 Policy --plural policies --cluster-scoped --no-status
  kubecraft add type example/v1 Pool --scale --dry-run  # what would change, as a diff`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			t, err := typeToAdd(cmd, args)
			if err != nil {
				return err
			}
			r := want
			r.Group, r.Version, r.Kind = t.Group, t.Version, t.Kind
			p, err := a.openProject()
			if err != nil {
				return err
			}
			return a.addType(cmd.Context(), p, r, flags, noGenerate)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&want.Plural, "plural", "", "the name in URLs and for kubectl (default: from the kind)")
	cmd.Flags().StringVar(&want.Singular, "singular", "", "kubectl's name for one of them (default: the kind in lower case)")
	cmd.Flags().StringSliceVar(&want.ShortNames, "short-names", nil, "kubectl's abbreviations, such as po for pods")
	cmd.Flags().StringSliceVar(&want.Categories, "categories", nil, "what kubectl lists it under, such as all")
	cmd.Flags().BoolVar(&want.ClusterScoped, "cluster-scoped", false, "objects stand outside of namespaces")
	cmd.Flags().BoolVar(&want.NoStatus, "no-status", false, "leave out the status subresource")
	cmd.Flags().BoolVar(&want.Scale, "scale", false, "add replicas, and the scale subresource that `kubectl scale` uses")
	cmd.Flags().BoolVar(&noGenerate, "no-generate", false, "leave the generated code as it is: it does not compile until `kubecraft generate`")
	return cmd
}

// typeToAdd reads the name of a type that may not be there yet.
func typeToAdd(cmd *cobra.Command, args []string) (resource.Type, error) {
	t, rest, err := resource.CutType(args)
	isShort := len(args) == 0 || len(args) == 1 && strings.Count(args[0], "/") < 2
	if isShort || len(rest) > 0 {
		return t, usage(cmd, "%s takes GROUP/VERSION and KIND, not %q", commandName(cmd), strings.Join(args, " "))
	}
	return t, err
}

// addType adds a kind in a version to a project on disk.
func (a *app) addType(ctx context.Context, p *project.Project, r resource.Resource, flags writeFlags, noGenerate bool) error {
	name := sentence(resource.Type{Group: r.Group, Version: r.Version, Kind: r.Kind})
	added, err := scaffold.AddType(p, r)
	if err != nil {
		return err
	}
	return a.commitEdit(ctx, p, flags, projectEdit{
		summary: "added " + name, nothing: name + " is there already: nothing to do",
		generates: !noGenerate,
		explain: func(err error) error {
			if len(added.ByHand) == 0 {
				return err
			}
			return fmt.Errorf("%w\n%s\nrun the command again with --no-generate, write what is missing, then run kubecraft generate", err, strings.Join(added.ByHand, "\n"))
		},
	}, added)
}
