package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addConversionCommand() *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use:   "conversion " + typeArgs,
		Short: "Begin the conversions of a version that you must write",
		Long: `Begin the conversions of a version of a type that differs, in what kubecraft generate cannot convert: a field that one version has and
another has not, or has of another type. conversion.go of the version gets a function each way, which converts what is alike and
then returns an error: until it is filled in no object is read or written in that version, and none loses anything.

Each place is named by a line //kubecraft:unfilled, by kubecraft doctor, and by the test of the group in install/, which is skipped
until all are filled in and then takes random objects through every version.

remove conversion takes back what is not filled in.`,
		Example: `  kubecraft add type example/v2 Bar              # then change its fields
  kubecraft add conversion example/v2 Bar
  kubecraft add conversion example/v2/Bar --dry-run`,
		ValidArgsFunction: a.completeTypes(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			t, err := onlyType(cmd, args)
			if err != nil {
				return err
			}
			return a.addConversion(cmd.Context(), flags, t)
		},
	}
	flags.add(cmd)
	return cmd
}

// addConversion asks the generator what it cannot convert, and begins that.
func (a *app) addConversion(ctx context.Context, flags writeFlags, t resource.Type) error {
	p, err := a.openProject()
	if err != nil {
		return err
	}
	if _, err := p.Find(t); err != nil {
		return err
	}
	tool, err := a.goForProject(ctx, p.Dir)
	if err != nil {
		return err
	}
	edited := &scaffold.Result{}
	_, err = a.generate(ctx, tool, p.Dir, nil)
	if missing := new(codegen.Error); errors.As(err, &missing) && len(missing.Conversions) > 0 {
		var differences []scaffold.Difference
		for _, c := range missing.Conversions {
			differences = append(differences, scaffold.Difference(c))
		}
		var failed error
		if edited, failed = scaffold.AddConversion(p, t, differences); failed != nil {
			return failed
		}
		if len(edited.Files) == 0 {
			return err // it is another type's
		}
	} else if err != nil {
		return err
	}
	edited.Notes = append(edited.Notes, scaffold.UnfilledIn(edited.Files)...)
	return a.commitEdit(ctx, p, flags, typeEdit{
		summary: "began the conversion of " + sentence(t) + ": what is left to write stands at", generates: true,
		nothing: "all that differs in " + sentence(t) + " has its conversion: nothing to do",
	}, edited)
}

func (a *app) removeConversionCommand() *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use:   "conversion " + typeArgs,
		Short: "Take back the conversions of a version that are not filled in",
		Long: `Take the conversions that add conversion began out of a version, as far as they are not filled in. What is generated calls them as long
as the versions differ, so change that first, or write your own.`,
		Example:           "  kubecraft remove conversion example/v2 Bar",
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
				edit:    func(p *project.Project) (*scaffold.Result, error) { return scaffold.RemoveConversion(p, t) },
				summary: "removed the conversions of " + sentence(t) + " that were not filled in", generates: true, without: true,
				nothing: "no conversion of " + sentence(t) + " is left to fill in: nothing to do",
			})
		},
	}
	flags.add(cmd)
	return cmd
}
