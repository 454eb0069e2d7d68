package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

const removalHelp = `

It takes back what add type has written, byte for byte, and leaves what you have written since. While your code still uses what
goes, or something goes that add type did not write, such as fields of yours, it says where (file:line:column) and writes nothing;
with --force it goes all the same, and what is left of your code is yours to mend. What is stored in data/ stays there.`

func (a *app) removeTypeCommand() *cobra.Command {
	return a.typeRemovalCommand(typeRemovalVerb{
		use: "type GROUP/VERSION KIND",
		args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && strings.Count(args[0], "/") > 1 {
				return nil // GROUP/VERSION/KIND
			}
			return exactly("GROUP/VERSION", "KIND")(cmd, args)
		},
		short: "Take a type out of the API, or one version of it",
		long: `Take a type in a version out of the API that the project serves. With its last version go its internal type and its storage, with the
last type of a version the version, with the last of a group the group.` + removalHelp,
		example: `  kubecraft remove type example/v1 Bar
  kubecraft remove type example/v2/Bar --dry-run   # what would change, as a diff`,
		read: func(args []string) (removalOf, error) {
			t, rest, err := resource.CutType(args)
			if err == nil && len(rest) > 0 {
				err = fmt.Errorf("%q follows the type %s: name one", strings.Join(rest, " "), t)
			}
			return removalOf{sentence(t), func(p *project.Project, force bool) (*scaffold.Result, error) {
				return scaffold.RemoveType(p, t, force)
			}}, err
		},
		there: typeNames,
	})
}

func (a *app) removeVersionCommand() *cobra.Command {
	return a.typeRemovalCommand(typeRemovalVerb{
		use:   "version GROUP/VERSION",
		args:  exactly("GROUP/VERSION"),
		short: "Take a version of a group out of the API, with all types in it",
		long:  "Take a version of a group out of the API that the project serves: every type in it, as remove type does." + removalHelp,
		example: `  kubecraft remove version example/v1beta1
  kubecraft remove version example/v1beta1 --force`,
		read: func(args []string) (removalOf, error) {
			group, version, err := resource.ParseGroupVersion(args[0])
			return removalOf{args[0], func(p *project.Project, force bool) (*scaffold.Result, error) {
				return scaffold.RemoveVersion(p, group, version, force)
			}}, err
		},
		there: versionNames,
	})
}

func (a *app) removeGroupCommand() *cobra.Command {
	return a.typeRemovalCommand(typeRemovalVerb{
		use:   "group GROUP",
		args:  exactly("GROUP"),
		short: "Take a group out of the API, with all its versions",
		long:  "Take a group out of the API that the project serves: every type in every version, as remove type does." + removalHelp,
		example: `  kubecraft remove group batch.example.com
  kubecraft remove group example --dry-run`,
		read: func(args []string) (removalOf, error) {
			if strings.Contains(args[0], "/") {
				return removalOf{}, fmt.Errorf("%q is a group and a version: write GROUP alone, or kubecraft remove version %s", args[0], args[0])
			}
			return removalOf{"group " + args[0], func(p *project.Project, force bool) (*scaffold.Result, error) {
				return scaffold.RemoveGroup(p, args[0], force)
			}}, nil
		},
		there: groupNames,
	})
}

// typeRemovalVerb is one of the verbs that take types out.
type typeRemovalVerb struct {
	use, short, long, example string
	args                      cobra.PositionalArgs
	read                      func(args []string) (removalOf, error)
	// there are the names of all such things in a project.
	there func(*project.Project) []string
}

// removalOf is what a command line asks to be removed.
type removalOf struct {
	name string
	edit func(p *project.Project, force bool) (*scaffold.Result, error)
}

func (a *app) typeRemovalCommand(verb typeRemovalVerb) *cobra.Command {
	var flags writeFlags
	var force, noGenerate bool
	cmd := &cobra.Command{
		Use: verb.use, Short: verb.short, Long: verb.long, Example: verb.example, Args: verb.args,
		ValidArgsFunction: a.completeFrom(verb.there),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			what, err := verb.read(args)
			if err != nil {
				return err
			}
			p, err := a.openProject()
			if err != nil {
				return err
			}
			return a.removeTypes(cmd.Context(), p, what, verb.there(p), flags, force, noGenerate)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "remove it though your code uses it, though what you wrote goes with it, and though objects are stored in that version")
	cmd.Flags().BoolVar(&noGenerate, "no-generate", false, "leave the generated code as it is: it does not compile until `kubecraft generate`")
	return cmd
}

// removeTypes takes types out of a project on disk.
func (a *app) removeTypes(ctx context.Context, p *project.Project, what removalOf, all []string, flags writeFlags, force, noGenerate bool) error {
	removed, err := what.edit(p, force)
	if err != nil {
		return err
	}
	there := "the project has none"
	if len(all) > 0 {
		there = "there are " + builtin.Join(all)
	}
	return a.commitEdit(ctx, p, flags, projectEdit{
		summary: "removed", nothing: what.name + " is not there: nothing to do (" + there + ")",
		generates: !noGenerate,
		explain: func(err error) error {
			if !force {
				return err
			}
			return fmt.Errorf("%w\nnothing is written: mend that first, or run the command again with --no-generate, and kubecraft generate when it is mended", err)
		},
	}, removed)
}

// completeFrom completes one name, which may be of several words, from those that the project has.
func (a *app) completeFrom(names func(*project.Project) []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		p, err := a.openProject()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var found []string
		for _, name := range names(p) {
			words := strings.Fields(name)
			if len(args) < len(words) && slices.Equal(words[:len(args)], args) && !slices.Contains(found, words[len(args)]) {
				found = append(found, words[len(args)])
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

func typeNames(p *project.Project) []string {
	var names []string
	for _, t := range p.Types() {
		names = append(names, t.Words())
	}
	return names
}

func versionNames(p *project.Project) []string {
	var names []string
	for _, g := range p.Groups {
		for _, v := range g.Versions {
			if len(v.Kinds) > 0 {
				names = append(names, g.Name+"/"+v.Name)
			}
		}
	}
	return names
}

func groupNames(p *project.Project) []string {
	var names []string
	for _, g := range p.Groups {
		if len(g.Kinds) > 0 {
			names = append(names, g.Name)
		}
	}
	return names
}
