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
	return a.typeCommand(typeVerb{
		name:  "conversion",
		short: "Begin the conversions of a version that you must write",
		long: `Begin the conversions of a version of a type that differs, in what kubecraft generate cannot convert: a field that one version has and
another has not, or has of another type. conversion.go of the version gets a function each way, which converts what is alike and
then returns an error: until it is filled in no object is read or written in that version, and none loses anything.

Each place is named by a line //kubecraft:unfilled, by kubecraft doctor, and by the test of the group in install/, which is skipped
until all are filled in and then takes random objects through every version.

remove conversion takes back what is not filled in.`,
		example: `  kubecraft add type example/v2 Bar              # then change its fields
  kubecraft add conversion example/v2 Bar
  kubecraft add conversion example/v2/Bar --dry-run`,
		run: func(cmd *cobra.Command, flags writeFlags, t resource.Type) error {
			return a.addConversion(cmd.Context(), flags, t)
		},
	})
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
	return a.commitEdit(ctx, p, flags, projectEdit{
		summary: "began the conversion of " + sentence(t) + ": what is left to write stands at", generates: true,
		nothing: "all that differs in " + sentence(t) + " has its conversion: nothing to do",
	}, edited)
}

func (a *app) removeConversionCommand() *cobra.Command {
	return a.typeCommand(typeVerb{
		name:  "conversion",
		short: "Take back the conversions of a version that are not filled in",
		long: `Take the conversions that add conversion began out of a version, as far as they are not filled in. What is generated calls them as long
as the versions differ, so change that first, or write your own.`,
		example: "  kubecraft remove conversion example/v2 Bar",
		run: func(cmd *cobra.Command, flags writeFlags, t resource.Type) error {
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return scaffold.RemoveConversion(p, t) },
				summary: "removed the conversions of " + sentence(t) + " that were not filled in", generates: true, without: true,
				nothing: "no conversion of " + sentence(t) + " is left to fill in: nothing to do",
			})
		},
	})
}
