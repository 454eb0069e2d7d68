package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// AppendFunction adds a function at the end of the file, unless the file declares one of its name. The text is gofmt's,
// without a newline at its end.
func AppendFunction(filename string, src []byte, name, text string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	if f.function(name) != nil {
		return src, nil
	}
	newline := f.newlineAt(len(src))
	text = strings.ReplaceAll(text, "\n", newline)
	if strings.HasSuffix(string(src), "\n") {
		return slices.Concat(src, []byte(newline+text+newline)), nil
	}
	return slices.Concat(src, []byte(newline+newline+text)), nil
}

// RemoveFunction takes out a function that AppendFunction has added. It changes nothing if it is not there; one that
// somebody has changed is a *ChangedError.
func RemoveFunction(filename string, src []byte, name, text string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	fn := f.function(name)
	if fn == nil {
		return src, nil
	}
	start, end := f.offset(fn.Pos()), f.offset(fn.End())
	if fn.Doc != nil {
		start = f.offset(fn.Doc.Pos())
	}
	if strings.ReplaceAll(string(src[start:end]), "\r\n", "\n") != text {
		first, _, _ := strings.Cut(text, "\n")
		return nil, &ChangedError{File: filename, Was: first}
	}
	newline := f.newlineAt(end)
	if rest, ok := strings.CutPrefix(string(src[end:]), newline); ok {
		end = len(src) - len(rest)
	} else if strings.HasSuffix(string(src[:start]), newline) {
		start -= len(newline)
	}
	if strings.HasSuffix(string(src[:start]), newline) {
		start -= len(newline)
	}
	return apply(src, []edit{{start, end, ""}}), nil
}

func (f *file) function(name string) *ast.FuncDecl {
	for _, decl := range f.ast.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == name {
			return fn
		}
	}
	return nil
}

// AddMarkers adds comments such as "// +genclient" above a type: behind the last one there that begins like that, or directly
// above it. Those that are there are not added again.
func AddMarkers(filename string, src []byte, on, like string, markers ...string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	at, comments := f.marked(on)
	if at < 0 {
		return nil, &NotFoundError{File: filename, Wanted: "type " + on, Lines: strings.Join(markers, "\n")}
	}
	at = f.lineStart(at)
	indent := ""
	for i := at; f.src[i] == '\t' || f.src[i] == ' '; i++ {
		indent += string(f.src[i])
	}
	newline := f.newlineAt(at)
	text := ""
	for _, marker := range markers {
		if !slices.ContainsFunc(comments, func(c *ast.Comment) bool { return strings.TrimRight(c.Text, " \t\r") == marker }) {
			text += indent + marker + newline
		}
	}
	if text == "" {
		return src, nil
	}
	for _, c := range comments {
		if strings.HasPrefix(c.Text, like) && f.startsLine(f.offset(c.Pos())) {
			at = f.nextLine(f.offset(c.Pos()))
		}
	}
	return apply(src, []edit{insert(at, text)}), nil
}

// RemoveMarkers takes out comments that are above a type.
func RemoveMarkers(filename string, src []byte, on string, markers ...string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	_, comments := f.marked(on)
	var edits []edit
	for _, c := range comments {
		at := f.offset(c.Pos())
		if slices.Contains(markers, strings.TrimRight(c.Text, " \t\r")) && f.startsLine(at) {
			edits = append(edits, edit{f.lineStart(at), f.nextLine(at), ""})
		}
	}
	return apply(src, edits), nil
}

// nextLine returns the offset behind the line that holds offset.
func (f *file) nextLine(offset int) int {
	for offset < len(f.src) && f.src[offset] != '\n' {
		offset++
	}
	return min(offset+1, len(f.src))
}

// marked returns where a type's declaration begins, its comment aside, and the comments above it, up to the declaration before;
// -1 if there is none that begins a line.
func (f *file) marked(on string) (at int, comments []*ast.Comment) {
	previous := f.ast.Name.End()
	for _, decl := range f.ast.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			previous = decl.End()
			continue
		}
		for _, spec := range gen.Specs {
			s := spec.(*ast.TypeSpec)
			start := gen.Pos()
			if gen.Lparen.IsValid() {
				start = s.Pos()
			}
			if s.Name.Name == on {
				return f.above(previous, start)
			}
			previous = s.End()
		}
		previous = decl.End()
	}
	return -1, nil
}

func (f *file) above(previous, start token.Pos) (at int, comments []*ast.Comment) {
	if !f.startsLine(f.offset(start)) {
		return -1, nil
	}
	for _, group := range f.ast.Comments {
		for _, c := range group.List {
			if c.Pos() > previous && c.End() < start && strings.HasPrefix(c.Text, "//") {
				comments = append(comments, c)
			}
		}
	}
	return f.offset(start), comments
}

// Markers returns the comments above a type, each a line.
func Markers(filename string, src []byte, on string) ([]string, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	_, comments := f.marked(on)
	var lines []string
	for _, c := range comments {
		if f.startsLine(f.offset(c.Pos())) {
			lines = append(lines, strings.TrimRight(c.Text, " \t\r"))
		}
	}
	return lines, nil
}
