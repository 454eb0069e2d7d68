package rewrite

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
)

// file is a parsed source file. All positions that leave it are byte offsets into src.
type file struct {
	name string
	src  []byte
	base int
	ast  *ast.File
}

func parse(filename string, src []byte) (*file, error) {
	fset := token.NewFileSet()
	// Objects are not resolved: the few scopes that matter here are looked up where they are needed.
	tree, err := parser.ParseFile(fset, filename, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &file{name: filename, src: src, base: fset.File(tree.FileStart).Base(), ast: tree}, nil
}

func (f *file) offset(p token.Pos) int { return int(p) - f.base }

// text returns the source of a node.
func (f *file) text(n ast.Node) string { return string(f.src[f.offset(n.Pos()):f.offset(n.End())]) }

// newlineAt returns the line ending that the file uses around an offset.
func (f *file) newlineAt(offset int) string {
	i := bytes.LastIndexByte(f.src[:offset], '\n')
	if i < 0 {
		if i = bytes.IndexByte(f.src, '\n'); i < 0 {
			return "\n"
		}
	}
	if i > 0 && f.src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// lineStart returns the offset of the first byte of the line that holds offset.
func (f *file) lineStart(offset int) int {
	start := bytes.LastIndexByte(f.src[:offset], '\n') + 1
	if start == 0 && bytes.HasPrefix(f.src, []byte("\xef\xbb\xbf")) && offset >= 3 {
		return 3
	}
	return start
}

// indentAt returns the white space at the start of the line that holds offset.
func (f *file) indentAt(offset int) string {
	start := f.lineStart(offset)
	end := start
	for end < offset && (f.src[end] == ' ' || f.src[end] == '\t') {
		end++
	}
	return string(f.src[start:end])
}

// startsLine says whether only white space stands before offset on its line.
func (f *file) startsLine(offset int) bool {
	return f.lineStart(offset)+len(f.indentAt(offset)) == offset
}

// sameLine says whether no line ends between two offsets.
func (f *file) sameLine(from, to int) bool { return bytes.IndexByte(f.src[from:to], '\n') < 0 }

// skip returns the offset after the white space and the comments that follow offset, which is outside any token. With
// stopAtNewline it stops before the first line ending that is not within a comment.
func (f *file) skip(offset int, stopAtNewline bool) int {
	for offset < len(f.src) {
		rest := f.src[offset:]
		switch {
		case rest[0] == '\n' && stopAtNewline, bytes.HasPrefix(rest, []byte("\r\n")) && stopAtNewline:
			return offset
		case rest[0] == ' ', rest[0] == '\t', rest[0] == '\r', rest[0] == '\n':
			offset++
		case bytes.HasPrefix(rest, []byte("//")):
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				return len(f.src)
			}
			if end > 0 && rest[end-1] == '\r' {
				end--
			}
			offset += end
		case bytes.HasPrefix(rest, []byte("/*")):
			end := bytes.Index(rest[2:], []byte("*/"))
			if end < 0 {
				return len(f.src)
			}
			offset += 2 + end + 2
		default:
			return offset
		}
	}
	return offset
}

// lineEnd returns the offset of the line ending (or the end of the file) after a token that ends at offset, beyond the
// comments that begin on its line, and false when code follows before that.
func (f *file) lineEnd(offset int) (int, bool) {
	end := f.skip(offset, true)
	return end, end == len(f.src) || f.src[end] == '\n' || f.src[end] == '\r'
}

// stringValue returns the value of a string literal.
func stringValue(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// identName returns the name of an identifier, or "".
func identName(e ast.Expr) string {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
