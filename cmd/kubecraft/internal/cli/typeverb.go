package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// typeArgs is how verbs that are about a type show their arguments.
const typeArgs = "GROUP/VERSION KIND"

// typeVerb is a verb that is about a type, with nothing behind it.
type typeVerb struct {
	name, short, long, example string
	// run does it.
	run func(*cobra.Command, writeFlags, resource.Type) error
}

func (a *app) typeCommand(verb typeVerb) *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use: verb.name + " " + typeArgs, Short: verb.short, Long: verb.long, Example: verb.example,
		ValidArgsFunction: a.completeTypes(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			t, err := onlyType(cmd, args)
			if err != nil {
				return err
			}
			return verb.run(cmd, flags, t)
		},
	}
	flags.add(cmd)
	return cmd
}

// partOfType is something that a type can have once.
type partOfType struct {
	name        string
	add, remove func(*project.Project, resource.Type) (*scaffold.Result, error)
	// generates says that what is generated follows from it.
	generates bool
}

// added runs the verb that adds it, removed the one that takes it out.
func (a *app) added(part partOfType) func(*cobra.Command, writeFlags, resource.Type) error {
	return a.changed(part, part.add, "added", "there already: nothing to do")
}

func (a *app) removed(part partOfType) func(*cobra.Command, writeFlags, resource.Type) error {
	return a.changed(part, part.remove, "removed", "not there: nothing to do")
}

func (a *app) changed(part partOfType, edit func(*project.Project, resource.Type) (*scaffold.Result, error), done, nothing string) func(*cobra.Command, writeFlags, resource.Type) error {
	return func(cmd *cobra.Command, flags writeFlags, t resource.Type) error {
		what := part.name + " of " + sentence(t)
		return a.editProject(cmd.Context(), flags, projectEdit{
			edit:    func(p *project.Project) (*scaffold.Result, error) { return edit(p, t) },
			summary: done + " " + what, nothing: what + " is " + nothing,
			generates: part.generates,
		})
	}
}

// sentence is how a type is named to people.
func sentence(t resource.Type) string { return t.Kind + " in " + t.GroupVersion() }

// onlyType reads the name of a type, behind which nothing else stands.
func onlyType(cmd *cobra.Command, args []string) (resource.Type, error) {
	t, rest, err := resource.CutType(args)
	if err != nil {
		return t, usage(cmd, "%v", err)
	}
	if len(rest) > 0 {
		return t, usage(cmd, "%s takes %s, and nothing behind it, not %q", commandName(cmd), typeArgs, rest[0])
	}
	return t, nil
}

// typeForm reads the name of a type that is the value of a flag: either form, the one of two words in quotes.
func typeForm(value string) (string, error) {
	t, rest, err := resource.CutType(strings.Fields(value))
	switch {
	case err == nil && len(rest) > 0:
		return "", fmt.Errorf("%q: nothing stands behind %s", value, t)
	case err == nil:
		return t.String(), nil
	case len(strings.Fields(value)) == 1 && strings.Count(value, "/") == 1:
		return "", fmt.Errorf("%q names no kind: write it in one word, as in %s/Bar, or in quotes, as in \"%s Bar\"", value, value, value)
	}
	return "", err
}

// completeTypes completes the name of a type, in its form that is one word, and then what more says.
func (a *app) completeTypes(more func(*project.Project, resource.Type) []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		p, err := a.openProject()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		t, rest, err := resource.CutType(args)
		switch {
		case len(args) == 0:
			var names []string
			for _, t := range p.Types() {
				names = append(names, t.String())
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		case err == nil && len(rest) == 0 && more != nil:
			return more(p, t), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}
