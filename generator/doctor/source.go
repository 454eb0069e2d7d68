package doctor

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// Source reads every Go file of the project in dir, and returns those that cannot be read, and the places that are left to fill in.
func Source(dir string) (broken, left []Finding, err error) {
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != dir && notOurs(name, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, rel, src, parser.ParseComments|parser.SkipObjectResolution)
		if list := (scanner.ErrorList)(nil); errors.As(err, &list) && len(list) > 0 {
			// What follows the first is often its consequence.
			broken = append(broken, at(place(rel, list[0].Pos), list[0].Msg, fixSyntax(rel)))
			return nil
		} else if err != nil {
			return err
		}
		for _, group := range file.Comments {
			for _, c := range group.List {
				if what, ok := strings.CutPrefix(c.Text, scaffold.Unfilled); ok {
					left = append(left, at(place(rel, fset.Position(c.Pos())), "is left to fill in", strings.TrimSpace(what)))
				}
			}
		}
		return nil
	})
	return broken, left, err
}

func place(file string, p token.Position) project.Place {
	return project.Place{File: file, Line: p.Line, Column: p.Column}
}

func fixSyntax(file string) string {
	if strings.Contains(file, "zz_generated.") || strings.HasPrefix(file, "pkg/generated/") {
		return "kubecraft generate"
	}
	return "correct it, then run the command again"
}

// notOurs says whether a folder holds another module's code, or none that Go builds.
func notOurs(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil || name == "vendor" || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}
