package doctor

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
)

// Finding is something that is wrong with a project.
type Finding struct {
	// File is a slash path from the project's root; Line and Column count from 1.
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Problem is what is wrong, Fix what to do, a command where there is one.
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
}

// String is one line, as compilers write it.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s", f.File, f.Line, f.Column, f.Problem, f.Fix)
}

// at is a finding at a place.
func at(p project.Place, problem, fix string) Finding {
	return Finding{p.File, max(p.Line, 1), max(p.Column, 1), problem, fix}
}

// in is a finding about a whole file.
func in(file, problem, fix string) Finding { return Finding{file, 1, 1, problem, fix} }

// Stale returns what is to be said of generated files that would change if they were generated now.
func Stale(changes []changeset.Change) []Finding {
	const fix = "kubecraft generate"
	var found []Finding
	var rest []string
	for _, c := range changes {
		switch {
		case c.Action == changeset.Create && path.Base(c.Path) == "zz_generated.deepcopy.go":
			found = append(found, in(c.Path, "is missing: the types beside it are no objects without it", fix))
		default:
			rest = append(rest, c.Path)
		}
	}
	if len(rest) > 0 {
		problem := "is not what the types give now"
		if len(rest) > 1 {
			problem += fmt.Sprintf(", as one of %d generated files", len(rest))
		}
		found = append(found, in(rest[0], problem, fix))
	}
	return found
}

// Rejected returns what the generators have against the project's types.
func Rejected(err *codegen.Error) []Finding {
	var found []Finding
	for _, d := range err.Diagnostics {
		file := d.File
		if file == "" {
			file = "go.mod"
		}
		found = append(found, at(project.Place{File: file, Line: d.Line, Column: d.Column}, d.Message, "correct it, then kubecraft generate"))
	}
	return found
}

var compilerLine = regexp.MustCompile(`^(?:\./)?(\S+\.go):(\d+):(\d+): (.*)$`)

// Broken returns what the go command said of code that does not compile.
func Broken(output string) []Finding {
	var found []Finding
	for line := range strings.Lines(output) {
		m := compilerLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		row, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		found = append(found, at(project.Place{File: m[1], Line: row, Column: column}, "does not compile: "+m[4], "correct it"))
	}
	if len(found) == 0 {
		first, _, _ := strings.Cut(strings.TrimSpace(output), "\n")
		found = append(found, in("go.mod", "the project does not build: "+first, "go build ./... says more"))
	}
	return slices.Compact(found)
}
