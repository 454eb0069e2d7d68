package rewrite

import (
	"go/ast"
	"strings"
)

// GroupCalls returns the import paths of the packages whose function, called without arguments, is an element of the list
// of API groups: of nodes in nodes.Resource(). It returns none for a file that has no such list.
func GroupCalls(filename string, src []byte, function string) ([]string, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	paths := map[string]string{}
	for _, spec := range f.ast.Imports {
		if name, ok := f.importName(importPath(spec)); ok {
			paths[name] = importPath(spec)
		}
	}
	var found []string
	for _, list := range f.groupLists() {
		for _, element := range list.Elts {
			if path, ok := paths[callOf(element, function)]; ok {
				found = append(found, path)
			}
		}
	}
	return found, nil
}

// callOf returns the qualifier of a call of function without arguments, "" if e is none.
func callOf(e ast.Expr, function string) string {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return ""
	}
	if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == function {
		return identName(s.X)
	}
	return ""
}

// RemoveGroupCall takes out of the list of API groups the call of a function of the package at path, and the import if
// nothing else needs it. It changes nothing if the call is not there.
func RemoveGroupCall(filename string, src []byte, path, function string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	name, ok := f.importName(path)
	if !ok {
		return src, nil
	}
	for _, list := range f.groupLists() {
		for i, element := range list.Elts {
			if callOf(element, function) != name {
				continue
			}
			l := f.elements(list)
			out := apply(src, []edit{f.removeFrom(l, i)})
			if len(l.elements) == 1 {
				out = closeEmpty(out, l.open, formatted(src))
			}
			return RemoveImport(filename, out, path)
		}
	}
	return src, nil
}

// closeEmpty makes {} of braces with nothing but white space between, the first of which is at open. With align it is to be
// as gofmt has it.
func closeEmpty(src []byte, open int, align bool) []byte {
	end := open + 1
	for end < len(src) && (src[end] == ' ' || src[end] == '\t' || src[end] == '\r' || src[end] == '\n') {
		end++
	}
	if end == len(src) || src[end] != '}' {
		return src
	}
	out := apply(src, []edit{{open + 1, end, ""}})
	if !align || formatted(out) {
		return out
	}
	// The value gets its place in a column back, in which literals of several lines do not stand.
	at := (&file{src: out}).valueStart(open)
	for pad := 1; pad <= maxPadding; pad++ {
		if aligned := apply(out, []edit{insert(at, strings.Repeat(" ", pad))}); formatted(aligned) {
			return aligned
		}
	}
	return out
}

// maxPadding is how far the keys of a literal may differ in length.
const maxPadding = 40
