package rewrite

import (
	"bytes"
	"go/ast"
	"strings"
)

// list is what stands between a pair of parentheses or braces: the arguments of a call, the elements of a literal.
type list struct {
	// open and close are the offsets of the brackets.
	open, close int
	elements    []ast.Expr
}

func (f *file) arguments(c *ast.CallExpr) list {
	return list{f.offset(c.Lparen), f.offset(c.Rparen), c.Args}
}

func (f *file) elements(c *ast.CompositeLit) list {
	return list{f.offset(c.Lbrace), f.offset(c.Rbrace), c.Elts}
}

// appendTo returns the ways to add texts at the end of a list, the one that follows the list's layout first.
func (f *file) appendTo(l list, texts ...string) [][]edit {
	if len(l.elements) == 0 {
		return f.appendToEmpty(l, texts)
	}
	last := l.elements[len(l.elements)-1]
	start, end := f.offset(last.Pos()), f.offset(last.End())
	newline := f.newlineAt(end)
	inline := []edit{insert(end, ", "+strings.Join(texts, ", "))}

	// The first bytes of the line on which the last element stands tell how elements are laid out.
	perLine, indent := true, ""
	switch first, ok := f.firstOnLine(l, start); {
	case ok:
		perLine = first == last
		indent = f.indentAt(f.offset(first.Pos()))
	default:
		indent = f.indentAt(l.close)
		if f.sameLine(l.open, l.close) || !f.startsLine(l.close) {
			indent = f.indentAt(l.open)
		}
		indent += "\t"
	}
	separator := "," + newline + indent
	if !perLine {
		separator = ", "
	}

	comma := f.skip(end, false)
	if f.src[comma] != ',' {
		broken := []edit{insert(end, ","+newline+indent+strings.Join(texts, separator))}
		if f.startsLine(start) && !f.sameLine(l.open, start) {
			return [][]edit{broken, inline}
		}
		return [][]edit{inline, broken}
	}
	at, ok := f.lineEnd(comma + 1)
	if !ok {
		return [][]edit{inline}
	}
	return [][]edit{{insert(at, newline+indent+strings.Join(texts, separator)+",")}, inline}
}

// firstOnLine returns the element that begins the line that holds offset, if an element does.
func (f *file) firstOnLine(l list, offset int) (ast.Expr, bool) {
	for _, e := range l.elements {
		if at := f.offset(e.Pos()); f.startsLine(at) && f.lineStart(at) == f.lineStart(offset) {
			return e, true
		}
	}
	return nil, false
}

func (f *file) appendToEmpty(l list, texts []string) [][]edit {
	newline := f.newlineAt(l.open)
	inline := []edit{insert(l.close, strings.Join(texts, ", "))}
	if f.src[l.open] == '(' && f.sameLine(l.open, l.close) {
		return [][]edit{inline}
	}
	indent := f.indentAt(l.open)
	body := newline + indent + "\t" + strings.Join(texts, ","+newline+indent+"\t") + ","
	at, ok := f.lineEnd(l.open + 1)
	if ok {
		return [][]edit{{insert(at, body)}}
	}
	at = l.close
	for at > l.open+1 && (f.src[at-1] == ' ' || f.src[at-1] == '\t') {
		at--
	}
	broken := []edit{insert(at, body+newline+indent)}
	// An empty literal that stands in a column loses its place there once it spans several lines.
	if pad := f.padding(l.open); pad > 0 {
		value := f.valueStart(l.open)
		return [][]edit{broken, {{value - pad, value, ""}, broken[0]}, inline}
	}
	return [][]edit{broken, inline}
}

// valueStart returns where the value begins whose brace is at open, when it follows a key on the same line, else open.
func (f *file) valueStart(open int) int {
	line := f.src[f.lineStart(open):open]
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return open
	}
	at := f.lineStart(open) + colon + 1
	for f.src[at] == ' ' {
		at++
	}
	return at
}

// padding returns how many spaces more than one stand between a key and the value whose brace is at open.
func (f *file) padding(open int) int {
	value := f.valueStart(open)
	n := 0
	for f.src[value-1-n] == ' ' {
		n++
	}
	return max(0, n-1)
}
