package cli

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// typeArgs is how verbs that are about a type show their arguments.
const typeArgs = "GROUP/VERSION KIND"

// typeVerb is a verb that is about a type, with nothing behind it.
type typeVerb struct {
	name, short, long, example string
	edit                       func(*project.Project, resource.Type) (*scaffold.Result, error)
	done, nothing              string
	// generates says that what is generated follows from the edit.
	generates bool
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
			return a.editType(cmd.Context(), flags, typeEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return verb.edit(p, t) },
				summary: verb.done + " " + verb.name + " of " + sentence(t), nothing: verb.name + " of " + sentence(t) + " is " + verb.nothing,
				generates: verb.generates,
			})
		},
	}
	flags.add(cmd)
	return cmd
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

// typeEdit is an edit of what belongs to a type.
type typeEdit struct {
	edit             func(*project.Project) (*scaffold.Result, error)
	summary, nothing string
	generates        bool
	// without lets the edit be made if the conversions that it takes away leave nothing to generate from.
	without bool
}

// editType makes an edit, and what is generated from it.
func (a *app) editType(ctx context.Context, flags writeFlags, e typeEdit) error {
	p, err := a.openProject()
	if err != nil {
		return err
	}
	edited, err := e.edit(p)
	if err != nil {
		return err
	}
	return a.commitEdit(ctx, p, flags, e, edited)
}

func (a *app) commitEdit(ctx context.Context, p *project.Project, flags writeFlags, e typeEdit, edited *scaffold.Result) error {
	result := outcome{Dir: p.Dir, Notes: edited.Notes}
	if len(edited.Files)+len(edited.Remove) == 0 {
		return a.commit(ctx, changeset.New(p.Dir), flags, result, "", e.nothing)
	}
	set, err := edits(p.Dir, edited)
	if err != nil {
		return err
	}
	if e.generates {
		tool, err := a.goForProject(ctx, p.Dir)
		if err != nil {
			return err
		}
		made, err := a.generate(ctx, tool, p.Dir, overlay(edited))
		if missing := new(codegen.Error); e.without && errors.As(err, &missing) && len(missing.Conversions) > 0 {
			result.Notes = append(slices.Clone(result.Notes), "the versions differ still, and nothing could be generated: kubecraft generate says what is missing")
		} else if err != nil {
			return err
		} else {
			addGenerated(set, made)
			result.Warnings = warnings(made)
		}
	}
	if len(edited.Changed) > 0 {
		e.summary += ": " + builtin.Join(edited.Changed)
	}
	return a.commit(ctx, set, flags, result, e.summary, e.nothing)
}

// overlay is what an edit makes of the project's files; those that go have no content.
func overlay(edited *scaffold.Result) map[string][]byte {
	files := maps.Clone(edited.Files)
	if files == nil {
		files = map[string][]byte{}
	}
	for _, name := range edited.Remove {
		files[name] = nil
	}
	return files
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
			return p.Types(), cobra.ShellCompDirectiveNoFileComp
		case err == nil && len(rest) == 0 && more != nil:
			return more(p, t), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}
