package cli

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// projectEdit is an edit of a project, and what is said of it.
type projectEdit struct {
	edit func(*project.Project) (*scaffold.Result, error)
	// summary is a sentence, or begins one that ends in the names of what the edit has changed; nothing is said if that is nothing.
	summary, nothing string
	// generates says that what is generated follows from the edit, whether or not that says so itself.
	generates bool
	// without lets the edit be made if the conversions that it takes away leave nothing to generate from.
	without bool
	// explain says more about an error of the generators. May be nil.
	explain func(error) error
}

// editProject makes an edit, and generates anew what that makes stale.
func (a *app) editProject(ctx context.Context, flags writeFlags, e projectEdit) error {
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

// commitEdit writes what an edit has come to.
func (a *app) commitEdit(ctx context.Context, p *project.Project, flags writeFlags, e projectEdit, edited *scaffold.Result) error {
	result := outcome{Dir: p.Dir, Notes: slices.Concat(edited.Notes, edited.ByHand)}
	if len(edited.Files)+len(edited.Remove) == 0 {
		return a.commit(ctx, changeset.New(p.Dir), flags, result, "", e.nothing)
	}
	set, err := edits(p.Dir, edited)
	if err != nil {
		return err
	}
	if e.generates || edited.Stale {
		tool, err := a.goForProject(ctx, p.Dir)
		if err != nil {
			return err
		}
		made, err := a.generate(ctx, tool, p.Dir, overlay(edited))
		switch missing := new(codegen.Error); {
		case err == nil:
			addGenerated(set, made)
			result.Warnings = warnings(made)
		case e.without && errors.As(err, &missing) && len(missing.Conversions) > 0:
			result.Notes = append(result.Notes, "the versions differ still, and nothing could be generated: kubecraft generate says what is missing")
		case e.explain != nil:
			return e.explain(err)
		default:
			return err
		}
	}
	if len(edited.Changed) > 0 {
		e.summary += " " + builtin.Join(edited.Changed)
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
