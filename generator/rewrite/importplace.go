package rewrite

import (
	"go/ast"
	"go/token"
	"strings"
)

// importEdits returns the ways to add an import: in order within the group that it fits best, or apart.
func (f *file) importEdits(path, spec string) [][]edit {
	var decls, grouped []*ast.GenDecl
	for _, decl := range f.ast.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.IMPORT {
			continue
		}
		if len(gen.Specs) == 1 && importPath(gen.Specs[0].(*ast.ImportSpec)) == "C" {
			// The comment above it is C source: nothing may join it.
			continue
		}
		decls = append(decls, gen)
		if gen.Lparen.IsValid() {
			grouped = append(grouped, gen)
		}
	}
	switch {
	case len(grouped) > 0:
		return f.importInto(grouped[0], path, spec)
	case len(decls) > 0:
		last := decls[len(decls)-1]
		return [][]edit{f.importBelow(f.offset(last.End()), 1, spec)}
	}
	return [][]edit{f.importBelow(f.offset(f.ast.Name.End()), 2, spec)}
}

// importBelow writes an import declaration of its own after the code that ends at an offset.
func (f *file) importBelow(end, newlines int, spec string) []edit {
	at, ok := f.lineEnd(end)
	if !ok {
		at = end
	}
	return []edit{insert(at, strings.Repeat(f.newlineAt(end), newlines)+"import "+spec)}
}

// importInto writes an import into a parenthesized declaration.
func (f *file) importInto(decl *ast.GenDecl, path, spec string) [][]edit {
	newline := f.newlineAt(f.offset(decl.Lparen))
	openAt, closeAt := f.offset(decl.Lparen), f.offset(decl.Rparen)
	if len(decl.Specs) == 0 {
		if at, ok := f.lineEnd(openAt + 1); ok {
			return [][]edit{{insert(at, newline+"\t"+spec)}}
		}
		return [][]edit{{insert(closeAt, newline+"\t"+spec+newline)}}
	}
	groups := f.importGroups(decl)
	var candidates [][]edit
	if best := bestGroup(groups, path); best != nil {
		candidates = append(candidates, f.importAmong(best, path, spec))
	}
	last := decl.Specs[len(decl.Specs)-1]
	end := f.offset(last.End())
	apart, ok := f.lineEnd(end)
	if !ok {
		return append(candidates, []edit{insert(end, "; "+spec)})
	}
	return append(candidates, []edit{insert(apart, newline+newline+f.indentAt(f.offset(last.Pos()))+spec)})
}

// importGroups splits a declaration as gofmt does before it sorts: a group is a run of lines without a gap.
func (f *file) importGroups(decl *ast.GenDecl) [][]*ast.ImportSpec {
	var groups [][]*ast.ImportSpec
	previous := 0
	for i, s := range decl.Specs {
		spec := s.(*ast.ImportSpec)
		start := f.offset(spec.Pos())
		if spec.Doc != nil {
			start = f.offset(spec.Doc.Pos())
		}
		if i == 0 || f.line(start) > f.line(previous)+1 {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], spec)
		previous = f.offset(spec.End())
	}
	return groups
}

// bestGroup returns the group whose paths have most in common with path; a package of the standard library, whose first
// element has no dot, goes with others of its kind. It returns nil when path belongs with none of them.
func bestGroup(groups [][]*ast.ImportSpec, path string) []*ast.ImportSpec {
	var best []*ast.ImportSpec
	most := -1
	for _, group := range groups {
		common, alike := 0, false
		for _, spec := range group {
			p := importPath(spec)
			if standard(p) == standard(path) {
				alike = true
				common = max(common, commonElements(p, path))
			}
		}
		if alike && common > most {
			best, most = group, common
		}
	}
	return best
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func commonElements(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(as) && n < len(bs) && as[n] == bs[n] {
		n++
	}
	return n
}

// importAmong writes an import into a group, before the first path that sorts after it.
func (f *file) importAmong(group []*ast.ImportSpec, path, spec string) []edit {
	var after, before *ast.ImportSpec
	for _, s := range group {
		if importPath(s) > path {
			before = s
			break
		}
		after = s
	}
	if after == nil {
		start := f.offset(before.Pos())
		if before.Doc != nil {
			start = f.offset(before.Doc.Pos())
		}
		if !f.startsLine(start) {
			return []edit{insert(start, spec+"; ")}
		}
		return []edit{insert(start, spec+f.newlineAt(start)+f.indentAt(start))}
	}
	end := f.offset(after.End())
	at, ok := f.lineEnd(end)
	if !ok {
		return []edit{insert(end, "; "+spec)}
	}
	indent := f.indentAt(f.offset(after.Pos()))
	if indent == "" {
		indent = "\t"
	}
	return []edit{insert(at, f.newlineAt(end)+indent+spec)}
}
