package codegen

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// places finds the user's source for the names that generators use in their messages: pkg.Type and pkg.Type.Field.
type places struct {
	l        *loader
	types    map[string]*typePlace // by import path "." name
	funcs    map[string]token.Pos
	packages map[string]token.Pos // the package clause, in doc.go if there is one
}

// typePlace is a type of the user's.
type typePlace struct {
	unit   *unit
	spec   *ast.TypeSpec
	fields map[string]*ast.Field
}

// name returns the type's name with its import path, as generators write it.
func (t *typePlace) name() string { return t.unit.ImportPath + "." + t.spec.Name.Name }

// structure returns the type's fields, nil if it is no struct.
func (t *typePlace) structure() *types.Struct {
	object := t.unit.types.Scope().Lookup(t.spec.Name.Name)
	if object == nil {
		return nil
	}
	st, _ := object.Type().Underlying().(*types.Struct)
	return st
}

func newPlaces(l *loader) *places {
	p := &places{l: l, types: map[string]*typePlace{}, funcs: map[string]token.Pos{}, packages: map[string]token.Pos{}}
	for path, u := range l.units {
		if !u.own || u.types == nil {
			continue
		}
		for _, file := range u.files {
			name := filepath.Base(l.fset.Position(file.FileStart).Filename)
			if _, ok := p.packages[path]; !ok || name == "doc.go" {
				p.packages[path] = file.Name.Pos()
			}
			for _, decl := range file.Decls {
				p.index(u, decl)
			}
		}
	}
	return p
}

func (p *places) index(u *unit, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			p.funcs[u.ImportPath+"."+d.Name.Name] = d.Name.Pos()
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			s, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			place := &typePlace{unit: u, spec: s, fields: map[string]*ast.Field{}}
			p.types[u.ImportPath+"."+s.Name.Name] = place
			if st, ok := s.Type.(*ast.StructType); ok {
				for _, field := range st.Fields.List {
					for _, name := range fieldNames(field) {
						place.fields[name] = field
					}
				}
			}
		}
	}
}

// fieldNames returns the names of a struct field; that of an embedded one is its type's.
func fieldNames(field *ast.Field) []string {
	var names []string
	for _, n := range field.Names {
		names = append(names, n.Name)
	}
	if len(names) == 0 {
		t := field.Type
		if star, ok := t.(*ast.StarExpr); ok {
			t = star.X
		}
		switch t := t.(type) {
		case *ast.Ident:
			names = append(names, t.Name)
		case *ast.SelectorExpr:
			names = append(names, t.Sel.Name)
		}
	}
	return names
}

// at makes a diagnostic for a position in the source.
func (p *places) at(pos token.Pos, message string) Diagnostic {
	where := p.l.fset.Position(pos)
	return Diagnostic{
		File: p.l.src.rel(where.Filename), Line: where.Line, Column: where.Column, Message: p.shorten(oneLine(message)),
	}
}

// inType makes a diagnostic for a field of a type, for the type if it has no such field.
func (p *places) inType(t *typePlace, field, message string) Diagnostic {
	if f := t.fields[field]; f != nil {
		return p.at(f.Pos(), message)
	}
	return p.at(t.spec.Name.Pos(), message)
}

var qualified = regexp.MustCompile(`[\w.\-~]+(?:/[\w.\-~]+)*/([\w\-~]+\.[A-Z]\w*)`)

// shorten writes names as code does: v1.Foo, not example.com/demo/pkg/apis/example/v1.Foo.
func (p *places) shorten(message string) string {
	return qualified.ReplaceAllStringFunc(message, func(name string) string {
		if _, ok := p.types[name]; ok || strings.HasPrefix(name, "k8s.io/") {
			return path.Base(name)
		}
		return name
	})
}

var word = regexp.MustCompile(`\w+`)

// find makes a diagnostic from a generator's message, at the type, field, function or package of the user's that it
// names. False if it names none.
func (p *places) find(message string) (Diagnostic, bool) {
	var best string
	for name := range p.types {
		if longer(name, best) && indexName(message, name) >= 0 {
			best = name
		}
	}
	if best != "" {
		t := p.types[best]
		rest := message[indexName(message, best)+len(best):]
		for _, w := range word.FindAllString(rest, -1) {
			if t.fields[w] != nil {
				return p.inType(t, w, message), true
			}
		}
		return p.inType(t, p.memberBefore(message, best, t), message), true
	}
	for name := range p.packages {
		if longer(name, best) && indexName(message, name) >= 0 {
			best = name
		}
	}
	if best != "" {
		return p.at(p.markerIn(best, message), message), true
	}
	return Diagnostic{}, false
}

var markerName = regexp.MustCompile(`\bk8s:[\w\-:]+|\bgroup(?:Go)?Name\b`)

// markerIn returns where a package has the marker that a message names, otherwise its package clause.
func (p *places) markerIn(pkg, message string) token.Pos {
	for _, marker := range markerName.FindAllString(message, -1) {
		for _, file := range p.l.units[pkg].files {
			for _, group := range file.Comments {
				for _, c := range group.List {
					rest, ok := strings.CutPrefix(strings.TrimLeft(c.Text, "/ \t"), "+"+marker)
					if ok && (rest == "" || rest[0] == '=') {
						return c.Pos()
					}
				}
			}
		}
	}
	return p.packages[pkg]
}

// longer orders names by length, then alphabet.
func longer(name, than string) bool {
	return len(name) > len(than) || len(name) == len(than) && name < than
}

// memberBefore returns the field that a message names in parentheses ahead of the type: "member (Field) of (Type)".
func (p *places) memberBefore(message, name string, t *typePlace) string {
	before := message[:indexName(message, name)]
	if i := strings.LastIndex(before, "member ("); i >= 0 {
		if w := word.FindString(before[i+len("member ("):]); t.fields[w] != nil {
			return w
		}
	}
	return ""
}

// indexName finds name in message where it is not part of a longer name.
func indexName(message, name string) int {
	for from := 0; ; {
		i := strings.Index(message[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(name)
		if end == len(message) || !isWordByte(message[end]) && message[end] != '/' {
			if i == 0 || !isWordByte(message[i-1]) && !strings.ContainsRune("/.-", rune(message[i-1])) {
				return i
			}
		}
		from = end
	}
}

func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// tidy sorts diagnostics by place and drops repetitions.
func tidy(list []Diagnostic) []Diagnostic {
	slices.SortStableFunc(list, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(list)
}
