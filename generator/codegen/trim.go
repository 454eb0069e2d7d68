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

// trim removes from a dependency what no other package can see: all but its exported declarations and what these are
// made of. Neither the rest, nor what only the rest imports, need then be checked. Of Go's own packages no function stays
// but those that initial values call, and no method: generators look for theirs, such as DeepCopy.
func trim(files []*ast.File, std bool) {
	t := trimmer{std: std, decls: map[string][]ast.Node{}, kept: map[ast.Node]bool{}}
	for _, file := range files {
		for _, decl := range file.Decls {
			t.index(decl)
		}
	}
	for name, nodes := range t.decls {
		if _, function := nodes[0].(*ast.FuncDecl); ast.IsExported(name) && !(std && function) {
			t.keep(name)
		}
	}
	for len(t.todo) > 0 {
		node := t.todo[len(t.todo)-1]
		t.todo = t.todo[:len(t.todo)-1]
		ast.Inspect(node, t.uses)
	}
	for _, file := range files {
		kept := file.Decls[:0:0]
		for _, decl := range file.Decls {
			if t.has(decl) {
				kept = append(kept, decl)
			}
		}
		file.Decls = kept
	}
}

// trimmer finds what declarations are made of.
type trimmer struct {
	std bool
	// decls are the specifications, functions and methods that stand or fall with a name. Constants do so in their whole
	// block: they count on from those before.
	decls map[string][]ast.Node
	kept  map[ast.Node]bool
	todo  []ast.Node
}

func (t *trimmer) index(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			t.add(d.Name, d)
		} else if d.Name.IsExported() && !t.std {
			t.add(receiver(d), d)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				t.add(s.Name, s)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if d.Tok == token.CONST {
						t.add(name, d)
					} else {
						t.add(name, s)
					}
				}
				if d.Tok == token.VAR && s.Type != nil {
					s.Values = nil
				}
			}
		}
	}
}

func (t *trimmer) add(name *ast.Ident, node ast.Node) {
	if name != nil {
		t.decls[name.Name] = append(t.decls[name.Name], node)
	}
}

func (t *trimmer) keep(name string) {
	for _, node := range t.decls[name] {
		if !t.kept[node] {
			t.kept[node] = true
			t.todo = append(t.todo, node)
		}
	}
}

// uses keeps what the identifiers below a node may stand for.
func (t *trimmer) uses(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.SelectorExpr:
		ast.Inspect(n.X, t.uses)
		return false
	case *ast.Ident:
		t.keep(n.Name)
	}
	return true
}

// has reports whether anything of a declaration is kept, and drops the rest of it.
func (t *trimmer) has(decl ast.Decl) bool {
	d, ok := decl.(*ast.GenDecl)
	if !ok || d.Tok == token.CONST || d.Tok == token.IMPORT {
		return t.kept[decl] || ok && d.Tok == token.IMPORT
	}
	kept := d.Specs[:0:0]
	for _, spec := range d.Specs {
		if t.kept[spec] {
			kept = append(kept, spec)
		}
	}
	d.Specs = kept
	return len(kept) > 0
}

// receiver returns the name of the type that a method is of, or nil if there is none.
func receiver(method *ast.FuncDecl) *ast.Ident {
	if len(method.Recv.List) == 0 {
		return nil
	}
	of := method.Recv.List[0].Type
	for {
		switch t := of.(type) {
		case *ast.Ident:
			return t
		case *ast.StarExpr:
			of = t.X
		case *ast.ParenExpr:
			of = t.X
		case *ast.IndexExpr:
			of = t.X
		case *ast.IndexListExpr:
			of = t.X
		default:
			return nil
		}
	}
}

// blankBodies overwrites the bodies of top-level functions, and the elements of top-level composite literals, in formatted
// source with spaces, newlines kept so that positions stay right: the scanner passes over spaces several times faster
// than over code. What does not end as gofmt writes it, or holds a raw string or a comment that might contain what looks
// like the end, stays.
func blankBodies(src []byte) {
	for at := 0; at < len(src); {
		eol := bytes.IndexByte(src[at:], '\n')
		if eol < 0 {
			return
		}
		line := src[at : at+eol]
		at += eol + 1
		if !hasBody(line) {
			continue
		}
		length := bytes.Index(src[at-1:], []byte("\n}\n"))
		if length < 0 {
			return
		}
		body := src[at-1 : at-1+length]
		if bytes.IndexByte(body, '`') >= 0 || bytes.Contains(body, []byte("/*")) || bytes.Contains(body, []byte("*/")) {
			continue
		}
		for i, c := range body {
			if c != '\n' {
				body[i] = ' '
			}
		}
		at += length + 2
	}
}

// hasBody says whether a line begins a function, or a variable with a composite literal whose elements say nothing of its
// type, and a brace is all that it leaves open.
func hasBody(line []byte) bool {
	open := func(left, right string) int {
		return bytes.Count(line, []byte(left)) - bytes.Count(line, []byte(right))
	}
	switch {
	case !bytes.HasSuffix(line, []byte("{")), bytes.ContainsAny(line, "\"'`"),
		bytes.HasSuffix(line, []byte("struct {")), bytes.HasSuffix(line, []byte("interface {")),
		open("{", "}") != 1, open("(", ")") != 0, open("[", "]") != 0:
		return false
	case bytes.HasPrefix(line, []byte("var ")):
		return bytes.Contains(line, []byte(" = ")) && !bytes.Contains(line, []byte("[...]")) && !bytes.Contains(line, []byte("("))
	}
	return bytes.HasPrefix(line, []byte("func "))
}
