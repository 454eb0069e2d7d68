package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// writeFlags are the flags of every verb that writes.
type writeFlags struct {
	dryRun bool
	output string
	json   bool
}

func (f *writeFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "write nothing: print what would change as a unified diff, which git apply takes")
	addOutputFlag(cmd, &f.output)
}

func (f *writeFlags) read(cmd *cobra.Command) (err error) {
	f.json, err = wantsJSON(cmd, f.output)
	return err
}

// outcome is what a verb did to the disk, as -o json shows it.
type outcome struct {
	Dir      string       `json:"dir"`
	Changes  []fileChange `json:"changes"`
	DryRun   bool         `json:"dryRun,omitempty"`
	Diff     string       `json:"diff,omitempty"`
	Notes    []string     `json:"notes,omitempty"`
	Warnings []string     `json:"warnings,omitempty"`
}

type fileChange struct {
	Path   string           `json:"path"`
	Action changeset.Action `json:"action"`
}

// fileChanges are the changes without what is in the files; never nil.
func fileChanges(changes []changeset.Change) []fileChange {
	files := []fileChange{}
	for _, c := range changes {
		files = append(files, fileChange{c.Path, c.Action})
	}
	return files
}

// commit writes a set, or shows it, and tells what happened. The summary is what it says above the files, nothing what it
// says when there are no changes.
func (a *app) commit(ctx context.Context, set *changeset.Set, f writeFlags, result outcome, summary, nothing string) error {
	changes, err := set.Changes()
	if err != nil {
		return err
	}
	result.DryRun, result.Changes = f.dryRun, fileChanges(changes)
	for _, warning := range result.Warnings {
		a.progress.Line("warning: %s", warning)
	}
	if f.dryRun {
		var diff bytes.Buffer
		if err := set.Diff(&diff); err != nil {
			return err
		}
		if f.json {
			result.Diff = diff.String()
			return a.writeJSON(result)
		}
		if len(changes) == 0 {
			fmt.Fprintln(a.Out, nothing)
			return nil
		}
		for _, note := range result.Notes {
			a.progress.Line("%s", note) // beside the diff, which may be applied
		}
		_, err := a.Out.Write(diff.Bytes())
		return err
	}
	if err := set.Commit(ctx); err != nil {
		return err
	}
	if f.json {
		return a.writeJSON(result)
	}
	if len(changes) == 0 {
		fmt.Fprintln(a.Out, nothing)
	} else {
		fmt.Fprintln(a.Out, summary)
		a.list(changes)
	}
	for _, note := range result.Notes {
		fmt.Fprintln(a.Out, note)
	}
	return nil
}

// edits puts an edit's files into a set, which remembers what they hold: an edit made meanwhile must not be lost.
func edits(dir string, edited *scaffold.Result) (*changeset.Set, error) {
	set := changeset.New(dir)
	writeFiles(set, edited.Files)
	for _, name := range edited.Remove {
		set.Remove(name)
	}
	changes, err := set.Changes()
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if !bytes.Equal(c.Before, edited.Before[c.Path]) {
			return nil, fmt.Errorf("%s: somebody else changed it meanwhile: run the command again", c.Path)
		}
	}
	return set, nil
}

// list names the files that a person will want to open, and counts the rest.
func (a *app) list(changes []changeset.Change) {
	generated, bundled := 0, 0
	for _, c := range changes {
		switch {
		case a.verbose > 0:
		case project.IsGenerated(c.Path):
			generated++
			continue
		case strings.HasPrefix(c.Path, "third_party/"):
			bundled++
			continue
		}
		fmt.Fprintf(a.Out, "  %-6s %s\n", c.Action, c.Path)
	}
	if generated > 0 {
		fmt.Fprintf(a.Out, "  and %s (-v names them)\n", report.Count(generated, "generated file"))
	}
	if bundled > 0 {
		fmt.Fprintf(a.Out, "  and %s of kubecraft itself in third_party (-v names them)\n", report.Count(bundled, "file"))
	}
}

// addGenerated puts what the generators made into a set.
func addGenerated(set *changeset.Set, made *codegen.Result) {
	for name, content := range made.Files {
		set.Write(name, content, 0)
	}
	for _, name := range made.Remove {
		set.Remove(name)
	}
}

func warnings(made *codegen.Result) []string {
	var lines []string
	for _, w := range made.Warnings {
		lines = append(lines, w.String())
	}
	return lines
}
