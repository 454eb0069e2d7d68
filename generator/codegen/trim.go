package codegen

import (
	"bytes"
	"go/ast"
	"go/token"
)

// dropBodies removes function bodies: generators look at declarations only.
func dropBodies(file *ast.File) {
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			f.Body = nil
		}
	}
}

// trim removes from a dependency what no other package can see: unexported functions and variables, and the initial
// values of variables whose type is written. What they import then need not be loaded.
func trim(file *ast.File) {
	kept := file.Decls[:0:0]
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && !d.Name.IsExported() {
				continue
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR && !trimVars(d) {
				continue
			}
		}
		kept = append(kept, decl)
	}
	file.Decls = kept
}

// trimVars reports whether anything of the declaration is left.
func trimVars(d *ast.GenDecl) bool {
	kept := d.Specs[:0:0]
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || !anyExported(v.Names) {
			continue
		}
		if v.Type != nil {
			v.Values = nil
		}
		kept = append(kept, v)
	}
	d.Specs = kept
	return len(kept) > 0
}

func anyExported(names []*ast.Ident) bool {
	for _, n := range names {
		if n.IsExported() {
			return true
		}
	}
	return false
}

// blankBodies overwrites the bodies of top-level functions in formatted source with spaces, newlines kept so that
// positions stay right: the scanner passes over spaces several times faster than over code. Where the source is not
// laid out as gofmt does, it is returned as it is.
func blankBodies(src []byte) []byte {
	var out []byte
	for at := 0; at < len(src); {
		eol := bytes.IndexByte(src[at:], '\n')
		if eol < 0 {
			break
		}
		line, next := src[at:at+eol], at+eol+1
		if bytes.HasPrefix(line, []byte("func ")) && bytes.HasSuffix(line, []byte("{")) {
			length := bytes.Index(src[next-1:], []byte("\n}\n"))
			if length < 0 || bytes.IndexByte(src[next-1:next-1+length], '`') >= 0 {
				return src // a raw string might hold what looks like the end
			}
			if out == nil {
				out = bytes.Clone(src)
			}
			for i := next; i < next-1+length; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			next += length + 2
		}
		at = next
	}
	if out == nil {
		return src
	}
	return out
}
