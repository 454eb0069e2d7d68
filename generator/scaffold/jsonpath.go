package scaffold

import (
	"fmt"
	"go/ast"
	"regexp"
	"strings"

	"k8s.io/client-go/util/jsonpath"
)

// found is what a path in an object leads to.
type found struct {
	// kind is what the value is to a client: string, integer, number, boolean or date.
	kind string
	// doc says what it is for.
	doc string
	// names are the Go names of the fields on the way, as long as each is a field of the project's.
	names []string
	// pointer says that one of them, the last aside, is a pointer, or in a list or a map.
	pointer bool
}

var (
	pathField = regexp.MustCompile(`^\.([A-Za-z_][A-Za-z0-9_-]*)`)
	pathIndex = regexp.MustCompile(`^\[(?:[^\]"']|"[^"]*"|'[^']*')*\]`)
)

// follow finds what a path such as .spec.size leads to in the objects of a kind. The error says which fields there are where
// one is missing.
func (p *goPackage) follow(kind, path string) (found, error) {
	fail := func(format string, args ...any) (found, error) {
		return found{}, fmt.Errorf("JSON path %q: %s", path, fmt.Sprintf(format, args...))
	}
	if !strings.HasPrefix(path, ".") || len(path) < 2 {
		return fail("must start with a dot and a field, such as .spec.%s", "size")
	}
	if err := jsonpath.New("column").Parse("{" + path + "}"); err != nil {
		return fail("%v", err)
	}
	if strings.ContainsAny(path, "`{} \t") && !strings.Contains(path, "[") {
		return fail("must be fields of the object, such as .spec.size")
	}
	at := found{}
	var current ast.Expr = &ast.Ident{Name: kind}
	rest := path
	for rest != "" {
		if m := pathIndex.FindString(rest); m != "" {
			rest = rest[len(m):]
			at.pointer = true
			current = p.element(current)
			continue
		}
		m := pathField.FindStringSubmatch(rest)
		if m == nil {
			return fail("cannot be read from %q on", rest)
		}
		rest = rest[len(m[0]):]
		name := m[1]
		if len(at.names) == 0 && name == "metadata" {
			return p.followMetadata(path, rest)
		}
		if len(at.names) == 0 && (name == "kind" || name == "apiVersion") && rest == "" {
			return found{kind: "string", doc: name}, nil
		}
		current = p.resolve(current)
		switch t := current.(type) {
		case nil, *ast.SelectorExpr: // of another package: who knows
			return found{kind: "string"}, nil
		case *ast.StarExpr:
			at.pointer = true
			current = p.resolve(t.X)
		case *ast.MapType:
			current, at.pointer = t.Value, true
			continue
		case *ast.ArrayType:
			return fail("%s is a list: write [0] or [?(@.type==\"Ready\")] behind it", strings.TrimSuffix(path, m[0]+rest))
		}
		id, ok := current.(*ast.Ident)
		if !ok {
			if _, isSelector := current.(*ast.SelectorExpr); isSelector {
				return found{kind: "string"}, nil
			}
			return fail("%s has no fields", strings.TrimSuffix(path, m[0]+rest))
		}
		next, ok := find(p.fields(id.Name), name)
		if !ok {
			var there []string
			for _, f := range p.fields(id.Name) {
				if f.json != "" && f.json != "-" {
					there = append(there, f.json)
				}
			}
			if len(there) == 0 {
				return fail("%s has no fields", id.Name)
			}
			return fail("%s in %s has no field %s, but %s", id.Name, p.dir, name, strings.Join(there, ", "))
		}
		at.names = append(at.names, next.name)
		at.doc, current = next.doc, next.expr
		if rest != "" && isPointer(current) {
			at.pointer = true
		}
	}
	at.kind = p.scalar(current)
	return at, nil
}

func find(fields []field, json string) (field, bool) {
	for _, f := range fields {
		if f.json == json {
			return f, true
		}
	}
	return field{}, false
}

// resolve follows names of the package to a struct's name, a list, a map or a type of another package.
func (p *goPackage) resolve(e ast.Expr) ast.Expr {
	for {
		id, ok := e.(*ast.Ident)
		if !ok {
			return e
		}
		t := p.typeOf(id.Name)
		if _, isStruct := t.(*ast.StructType); isStruct || t == nil {
			return id
		}
		e = t
	}
}

// element returns the type of what a list or a map holds.
func (p *goPackage) element(e ast.Expr) ast.Expr {
	e = p.resolve(e)
	if star, ok := e.(*ast.StarExpr); ok {
		e = p.resolve(star.X)
	}
	switch t := e.(type) {
	case *ast.ArrayType:
		return t.Elt
	case *ast.MapType:
		return t.Value
	}
	return nil
}

// followMetadata knows the fields of metav1.ObjectMeta that are of use.
func (p *goPackage) followMetadata(path, rest string) (found, error) {
	switch {
	case rest == ".generation", rest == ".deletionGracePeriodSeconds":
		return found{kind: "integer"}, nil
	case rest == ".creationTimestamp", rest == ".deletionTimestamp":
		return found{kind: "date"}, nil
	case rest == ".name", rest == ".generateName", rest == ".namespace", rest == ".uid", rest == ".resourceVersion",
		strings.HasPrefix(rest, ".labels"), strings.HasPrefix(rest, ".annotations"), strings.HasPrefix(rest, ".ownerReferences["),
		strings.HasPrefix(rest, ".finalizers["):
		return found{kind: "string"}, nil
	}
	return found{}, fmt.Errorf("JSON path %q: metadata has no such field: it has name, namespace, generation, creationTimestamp, labels, annotations and so on", path)
}
