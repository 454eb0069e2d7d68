package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/lesson"
	"github.com/kubecraft/kubecraft/generator/project"
)

// differsError says that a project is not as a lesson expects it.
type differsError struct{ err error }

func (e *differsError) Error() string { return e.err.Error() }

func (e *differsError) Unwrap() error { return e.err }

// runVerb runs one of kubecraft's verbs in a project, in this process, and returns what it did.
func (a *app) runVerb(ctx context.Context, dir string, args ...string) (outcome, error) {
	var out bytes.Buffer
	inner := *a
	inner.dir, inner.Out = dir, &out
	root := inner.root()
	root.SetArgs(append(args, "-o", "json"))
	root.SetOut(&out)
	root.SetErr(&out)
	if err := root.ExecuteContext(ctx); err != nil {
		return outcome{}, err
	}
	var result outcome
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		return result, fmt.Errorf("kubecraft %s: %w", strings.Join(args, " "), err)
	}
	return result, nil
}

// hasDone says whether nothing is left to do of a lesson.
func (a *app) hasDone(ctx context.Context, p *project.Project, l lesson.Lesson) (bool, error) {
	asking := *a
	asking.skipGenerators = true
	for _, step := range l.Steps {
		if step.Edit != nil {
			if done, err := step.Edit.Done(os.DirFS(p.Dir), p.Module); err != nil || !done {
				return false, err
			}
			continue
		}
		if step.Verb[0] == initVerb {
			continue // there is a project
		}
		result, err := asking.runVerb(ctx, p.Dir, append(step.Verb, "--dry-run")...)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		// A verb that cannot be run has something left to do; rehearse says what is wrong.
		if err != nil || len(result.Changes) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// rehearsal is what a lesson would do to a project.
type rehearsal struct {
	set             *changeset.Set
	notes, warnings []string
}

// rehearse does a lesson to a copy of the project, beside it so that relative paths in go.mod lead to the same places. The error is a
// *differsError if one of the steps cannot be done.
func (a *app) rehearse(ctx context.Context, p *project.Project, l lesson.Lesson) (_ *rehearsal, err error) {
	work, err := os.MkdirTemp(filepath.Dir(p.Dir), ".kubecraft-learn-*")
	if err != nil {
		return nil, fmt.Errorf("cannot make a folder beside the project, to try the lesson in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	before, err := copyProject(ctx, p.Dir, work)
	if err != nil {
		return nil, err
	}
	rehearsed := &rehearsal{set: changeset.New(p.Dir)}
	edited := false
	for _, step := range l.Steps {
		if step.Edit != nil {
			edited = true
			content, err := step.Edit.Apply(os.DirFS(work), p.Module)
			if missing := new(lesson.NotFoundError); errors.As(err, &missing) {
				return nil, &differsError{err}
			}
			if err != nil {
				return nil, err
			}
			if err := writeInto(work, step.Edit.File, content); err != nil {
				return nil, err
			}
			continue
		}
		if step.Verb[0] == initVerb {
			continue
		}
		result, err := a.runVerb(ctx, work, step.Verb...)
		if err != nil && ctx.Err() == nil {
			message := strings.ReplaceAll(err.Error(), work, p.Dir)
			return nil, &differsError{fmt.Errorf("kubecraft %s: %s", strings.Join(step.Verb, " "), message)}
		}
		if err != nil {
			return nil, err
		}
		rehearsed.notes = append(rehearsed.notes, result.Notes...)
		rehearsed.warnings = append(rehearsed.warnings, result.Warnings...)
	}
	if edited {
		if _, err := a.runVerb(ctx, work, "generate"); err != nil {
			return nil, &differsError{errors.New(strings.ReplaceAll(err.Error(), work, p.Dir))}
		}
	}
	return rehearsed, rehearsed.compare(ctx, work, before)
}

// compare puts into the set what the copy in work has become.
func (r *rehearsal) compare(ctx context.Context, work string, before map[string][]byte) error {
	gone := maps.Clone(before)
	err := walkProject(ctx, work, func(name string, info fs.FileInfo) error {
		delete(gone, name)
		content, err := os.ReadFile(filepath.Join(work, filepath.FromSlash(name)))
		if old, there := before[name]; err == nil && !(there && bytes.Equal(old, content)) {
			r.set.Write(name, content, info.Mode())
		}
		return err
	})
	if err != nil {
		return err
	}
	for name := range gone {
		r.set.Remove(name)
	}
	changes, err := r.set.Changes()
	if err != nil {
		return err
	}
	for _, c := range changes {
		if !bytes.Equal(c.Before, before[c.Path]) {
			return fmt.Errorf("%s: somebody else changed it meanwhile: run the command again", c.Path)
		}
	}
	return nil
}

// copyProject copies the files that a project keeps in git, and returns them.
func copyProject(ctx context.Context, from, to string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := walkProject(ctx, from, func(name string, info fs.FileInfo) error {
		content, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		files[name] = content
		return writeInto(to, name, content)
	})
	return files, err
}

// walkProject calls visit for every file of a project but for what serve writes and what git keeps.
func walkProject(ctx context.Context, dir string, visit func(name string, info fs.FileInfo) error) error {
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch name {
			case "bin", "data", "pki", ".git":
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))) // of what a link leads to
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		return visit(name, info)
	})
}

func writeInto(dir, name string, content []byte) error {
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// handWritten is of the changes what a person reads: no generated files, checksums or sources of kubecraft's own.
func handWritten(dir string, changes []changeset.Change) *changeset.Set {
	set := changeset.New(dir)
	for _, c := range changes {
		switch {
		case project.IsGenerated(c.Path), c.Path == "go.sum", strings.HasPrefix(c.Path, "third_party/"):
		case c.Action == changeset.Delete:
			set.Remove(c.Path)
		default:
			set.Write(c.Path, c.After, 0)
		}
	}
	return set
}
