package doctor

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// Source reads every Go file of the project in dir, and returns those that cannot be read, and the places that are left to fill in.
func Source(dir string) (broken, left []Finding, err error) {
	err = project.EachGoFile(dir, func(rel string) error {
		src, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(rel)))
		if err != nil {
			return err
		}
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
	if project.IsGenerated(file) {
		return "kubecraft generate"
	}
	return "correct it, then run the command again"
}
