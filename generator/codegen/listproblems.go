package codegen

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
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
		if len(u.Error.ImportStack) > 1 && strings.Contains(u.Error.Err, "import cycle") {
			return []Diagnostic{l.cycle(u.Error.ImportStack)}
		}
		d := Diagnostic{Message: g.reword(importPath, oneLine(u.Error.Err))}
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

// reword says what to do where the go command speaks of its flags.
func (g *goCommand) reword(importPath, message string) string {
	switch {
	case importPath != "" && strings.Contains(message, "-mod=readonly"):
		module := g.module.Module.Mod.Path
		if importPath == module || strings.HasPrefix(importPath, module+"/") {
			return "package " + importPath + " is not there: this module has no such folder with Go files"
		}
		return "no module in go.mod provides package " + importPath + ": run go get " + importPath
	default:
		return strings.ReplaceAll(message, g.src.dir+string(filepath.Separator), "")
	}
}

// cycle makes a diagnostic at the import that closes a cycle.
func (l *loader) cycle(stack []string) Diagnostic {
	message := "import cycle not allowed: " + strings.Join(stack, " imports ")
	importer, imported := l.units[stack[len(stack)-2]], stack[len(stack)-1]
	if importer != nil {
		for _, file := range importer.files {
			for _, spec := range file.Imports {
				if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == imported {
					return l.diagnostic(l.fset.Position(spec.Path.Pos()), message)
				}
			}
		}
	}
	return Diagnostic{Message: message}
}
