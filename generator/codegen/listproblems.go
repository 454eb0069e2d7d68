package codegen

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// listProblems returns what the go command said against the packages that generators need, where loading them did not
// say the same with a better position.
func (g *goCommand) listProblems(l *loader, in *inputs) []Diagnostic {
	var list, unplaced []Diagnostic
	for _, importPath := range slices.Sorted(maps.Keys(l.units)) {
		u := l.units[importPath]
		if u.Error == nil || len(u.errs) > 0 {
			continue
		}
		d := Diagnostic{Message: oneLine(u.Error.Err)}
		if u.Error.Pos != "" {
			d = g.placed(u.Error.Pos, d.Message)
		}
		tagged, named := in.named[importPath]
		dir, asked := in.dirs[importPath]
		switch {
		case strings.HasPrefix(d.File, "/") || filepath.IsAbs(d.File): // a dependency's import, which nothing of the user's needs
		case d.File != "":
			list = append(list, d)
		case named:
			tagged.Message = d.Message
			list = append(list, tagged)
		case asked:
			list = append(list, Diagnostic{File: dir, Message: d.Message})
		case u.wanted:
			unplaced = append(unplaced, d)
		}
	}
	if len(list) == 0 && len(unplaced) > 0 {
		return unplaced[:1] // the rest has the same cause: a requirement is missing
	}
	return list
}

// placed makes a diagnostic of a position as the go command writes it, relative to where it ran.
func (g *goCommand) placed(pos, message string) Diagnostic {
	d := splitPosition(g.src, pos+": "+message)
	if d.File != "" && !filepath.IsAbs(d.File) {
		d.File = g.src.rel(filepath.Join(g.dir, filepath.FromSlash(d.File)))
	}
	return d
}
