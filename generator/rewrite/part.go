package rewrite

import (
	"go/ast"
	"slices"
)

// controlplane is the package whose Main a project's main.go calls with the parts of the control plane.
const controlplane = "github.com/kubecraft/kubecraft/runtime/controlplane"

// AddPart appends part, a call without arguments such as kubernetes.All(), to the parts that a call of controlplane.Main
// is given. One that calls the same function is there already.
func AddPart(filename string, src []byte, part string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	call := f.mainCall()
	if call == nil || call.Ellipsis.IsValid() {
		return nil, &NotFoundError{File: filename, Wanted: "call of controlplane.Main with its parts", Lines: part + ","}
	}
	if f.findPart(call, part) >= 0 {
		return src, nil
	}
	return choose(src, f.appendTo(f.arguments(call), part)...), nil
}

// RemovePart takes part from where AddPart puts it. It changes nothing if it is not there.
func RemovePart(filename string, src []byte, part string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	call := f.mainCall()
	if call == nil {
		return src, nil
	}
	i := f.findPart(call, part)
	if i < 0 {
		return src, nil
	}
	return apply(src, []edit{f.removeFrom(f.arguments(call), i)}), nil
}

// mainCall returns the call of controlplane.Main, nil if there is none.
func (f *file) mainCall() *ast.CallExpr {
	name, ok := f.importName(controlplane)
	if !ok {
		return nil
	}
	var found *ast.CallExpr
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found != nil {
			return found == nil
		}
		if s, ok := call.Fun.(*ast.SelectorExpr); ok && identName(s.X) == name && s.Sel.Name == "Main" {
			found = call
		}
		return found == nil
	})
	return found
}

// findPart returns the index of the argument that is part, -1 if none is.
func (f *file) findPart(call *ast.CallExpr, part string) int {
	return slices.IndexFunc(call.Args, func(arg ast.Expr) bool { return tokens(f.text(arg)) == tokens(part) })
}

// removeFrom returns the edit that takes an element out of a list, as appendTo would have put it in.
func (f *file) removeFrom(l list, i int) edit {
	start, end := f.offset(l.elements[i].Pos()), f.offset(l.elements[i].End())
	comma := f.skip(end, false)
	if f.src[comma] == ',' {
		if at, ok := f.lineEnd(comma + 1); ok && f.startsLine(start) {
			return f.removeLines(start, at)
		}
	}
	switch {
	case f.startsLine(start) && i+1 < len(l.elements) && f.sameLine(end, f.offset(l.elements[i+1].Pos())):
		end = f.offset(l.elements[i+1].Pos())
	case i > 0:
		start = f.offset(l.elements[i-1].End())
	case i+1 < len(l.elements):
		end = f.offset(l.elements[i+1].Pos())
	}
	return edit{start, end, ""}
}

// removeLines returns the edit that takes out what stands from the start of a line to the end of one, and the line
// ending in front.
func (f *file) removeLines(start, end int) edit {
	start = f.lineStart(start)
	if start > 0 {
		start -= len(f.newlineAt(start))
	}
	return edit{start, end, ""}
}

// RemoveImport takes out the import of path, unless the file still uses it. It changes nothing if it is not there.
func RemoveImport(filename string, src []byte, path string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	name, ok := f.importName(path)
	if !ok || f.qualifies(name) {
		return src, nil
	}
	for _, decl := range f.ast.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			found, ok := spec.(*ast.ImportSpec)
			if !ok || importPath(found) != path {
				continue
			}
			start, end := f.offset(found.Pos()), f.offset(found.End())
			if !gen.Lparen.IsValid() {
				start = f.offset(gen.Pos())
			}
			at, ok := f.lineEnd(end)
			if !ok || !f.startsLine(start) {
				return apply(src, []edit{{start, end, ""}}), nil
			}
			return apply(src, []edit{f.withBlank(f.removeLines(start, at))}), nil
		}
	}
	return src, nil
}

// withBlank extends an edit that takes out lines by the blank line before them, if another blank line or the end of a
// block follows: the lines were a group of their own.
func (f *file) withBlank(e edit) edit {
	next := f.skipSpaces(e.end)
	rest := f.src[next:]
	newline := f.newlineAt(e.end)
	ends := len(rest) == 0
	if len(rest) > len(newline) && string(rest[:len(newline)]) == newline {
		after := f.src[f.skipSpaces(next+len(newline)):]
		ends = len(after) == 0 || after[0] == '\n' || after[0] == '\r' || after[0] == ')'
	}
	before := f.lineStart(e.pos)
	if ends && before == e.pos && before > 0 {
		e.pos -= len(newline)
	}
	return e
}

// skipSpaces returns the offset after the spaces and tabs at offset.
func (f *file) skipSpaces(offset int) int {
	for offset < len(f.src) && (f.src[offset] == ' ' || f.src[offset] == '\t') {
		offset++
	}
	return offset
}
