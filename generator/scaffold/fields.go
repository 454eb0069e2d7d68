package scaffold

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// field is a field of a struct of the project's.
type field struct {
	name string
	// json is its name in objects; empty in internal types, which have none.
	json string
	// doc is the first sentence of its comment.
	doc  string
	expr ast.Expr
	// markers are the comments above it that begin with a plus.
	markers []string
}

func (f field) marked(prefix string) bool {
	for _, m := range f.markers {
		if strings.HasPrefix(m, prefix) {
			return true
		}
	}
	return false
}

// fields returns the fields of a struct type of the package, those of embedded structs of the package among them; none if it is
// no struct.
func (p *goPackage) fields(name string) []field {
	s, ok := p.typeOf(name).(*ast.StructType)
	if !ok {
		return nil
	}
	var all []field
	for _, f := range s.Fields.List {
		tag := ""
		if f.Tag != nil {
			if text, err := strconv.Unquote(f.Tag.Value); err == nil {
				tag = reflect.StructTag(text).Get("json")
			}
		}
		json, _, _ := strings.Cut(tag, ",")
		if len(f.Names) == 0 && json == "" {
			if id, ok := f.Type.(*ast.Ident); ok {
				all = append(all, p.fields(id.Name)...)
			}
			continue
		}
		doc, markers := readComment(f.Doc)
		names := f.Names
		if len(names) == 0 {
			names = []*ast.Ident{{Name: typeName(f.Type)}}
		}
		for _, id := range names {
			all = append(all, field{name: id.Name, json: json, doc: doc, expr: f.Type, markers: markers})
		}
	}
	return all
}

// field returns the field of a struct type of the package that has a name.
func (p *goPackage) field(of, name string) (field, bool) {
	fields := p.fields(of)
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// statusOf returns the name of the struct that is the status of a kind, empty if it has none of the package.
func (p *goPackage) statusOf(kind string) string {
	f, ok := p.field(kind, "Status")
	if _, isStruct := p.typeOf(typeName(f.expr)).(*ast.StructType); !ok || !isStruct || isPointer(f.expr) {
		return ""
	}
	return typeName(f.expr)
}

// typeOf returns what a type of the package is declared to be, or nil.
func (p *goPackage) typeOf(name string) ast.Expr {
	d := p.declaration(name)
	if d == nil || d.tok != token.TYPE {
		return nil
	}
	for _, spec := range d.decl.(*ast.GenDecl).Specs {
		if s := spec.(*ast.TypeSpec); s.Name.Name == name {
			return s.Type
		}
	}
	return nil
}

// readComment returns the first sentence of a comment and its markers.
func readComment(group *ast.CommentGroup) (sentence string, markers []string) {
	if group == nil {
		return "", nil
	}
	var words []string
	for line := range strings.Lines(group.Text()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "+") {
			markers = append(markers, line)
		} else if line != "" {
			words = append(words, line)
		}
	}
	sentence = strings.Join(words, " ")
	if end := strings.Index(sentence, ". "); end >= 0 {
		sentence = sentence[:end]
	}
	return strings.TrimSuffix(sentence, "."), markers
}

// typeName returns the last part of the name of a type, or of what a pointer points to.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return typeName(e.X)
	}
	return ""
}

// scalar is what a type of a field is to a client: string, integer, number, boolean or date; empty if it is none of these.
func (p *goPackage) scalar(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return p.scalar(e.X)
	case *ast.SelectorExpr:
		switch e.Sel.Name {
		case "Time", "MicroTime":
			return "date"
		case "Quantity", "IntOrString", "Duration", "UID":
			return "string"
		}
	case *ast.Ident:
		switch e.Name {
		case "string":
			return "string"
		case "bool":
			return "boolean"
		case "float32", "float64":
			return "number"
		case "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "byte", "rune":
			return "integer"
		}
		if t := p.typeOf(e.Name); t != nil {
			return p.scalar(t)
		}
	}
	return ""
}

// isPointer says whether a field's type is a pointer.
func isPointer(e ast.Expr) bool {
	_, ok := e.(*ast.StarExpr)
	return ok
}

// lowerFirst is how a Go name is written in JSON.
func lowerFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}
