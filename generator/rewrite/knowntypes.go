package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// AddKnownTypes registers the Go types named by kinds, as given (name Bar and BarList both), in the call to
// AddKnownTypes for the file's own group version. Types that are registered there already, in that call or another, are
// left out. It follows what the file does: &Bar{}, new(Bar) or (*Bar)(nil); AddKnownTypes, AddKnownTypeWithName, a list
// of objects in a variable, a helper function that takes them.
func AddKnownTypes(filename string, src []byte, kinds ...string) ([]byte, error) {
	for _, kind := range kinds {
		if !token.IsIdentifier(kind) {
			return nil, fmt.Errorf("%q is not the name of a Go type", kind)
		}
	}
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	places := f.registrations()
	var missing []string
	for _, kind := range kinds {
		there := slices.ContainsFunc(places, func(p registration) bool { return slices.Contains(p.kinds, kind) })
		if !there && !slices.Contains(missing, kind) {
			missing = append(missing, kind)
		}
	}
	if len(missing) == 0 {
		return src, nil
	}
	places = slices.DeleteFunc(places, func(p registration) bool { return p.fixed })
	if len(places) == 0 {
		return nil, &NotFoundError{
			File:   filename,
			Wanted: "call to scheme.AddKnownTypes for the group version of package " + f.ast.Name.Name,
			Lines:  "scheme.AddKnownTypes(SchemeGroupVersion, " + objects("&%s{}", missing) + ")",
		}
	}
	best := slices.MaxFunc(places, func(a, b registration) int { return a.compare(b) })
	return choose(src, best.add(missing)...), nil
}

// registration is a place where types of the package are, or can be, registered.
type registration struct {
	rank       rank
	conditions int
	named      bool // AddKnownTypeWithName, which is for exceptions
	position   int
	// kinds are the types registered here under their own names.
	kinds []string
	// fixed says that nothing can be added here.
	fixed bool
	add   func(kinds []string) [][]edit
	// remove returns the source without one of kinds.
	remove func(kind string) []byte
}

// compare puts the place that fits better last: unconditional, with other types of the package, later in the file.
func (r registration) compare(o registration) int {
	for _, d := range []int{
		int(r.rank) - int(o.rank),
		o.conditions - r.conditions,
		min(len(r.kinds), 1) - min(len(o.kinds), 1),
		truth(o.named) - truth(r.named),
		r.position - o.position,
	} {
		if d != 0 {
			return d
		}
	}
	return 0
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// registrations returns the places for the file's own group version.
func (f *file) registrations() []registration {
	ranks := f.groupVersions()
	var found []registration
	walk(f.ast, func(n ast.Node, parents []ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return
		}
		if _, method := call.Fun.(*ast.SelectorExpr); !method {
			return
		}
		r := registration{
			rank:       rankOf(call.Args[0], ranks),
			conditions: conditions(n, parents),
			position:   f.offset(call.Pos()),
		}
		if r.rank == foreign {
			return
		}
		switch callee(call) {
		case "AddKnownTypes":
			found = append(found, f.knownTypes(r, call, parents)...)
		case "AddKnownTypeWithName":
			if len(call.Args) == 2 && !call.Ellipsis.IsValid() {
				found = append(found, f.knownTypeWithName(r, call, parents))
			}
		}
	})
	return found
}

// knownTypes returns the places behind one call to AddKnownTypes: its own arguments, the literal that its last argument
// stands for, or the calls to the function whose parameter that is.
func (f *file) knownTypes(r registration, call *ast.CallExpr, parents []ast.Node) []registration {
	if !call.Ellipsis.IsValid() {
		return []registration{f.listing(r, f.arguments(call), 1)}
	}
	last := call.Args[len(call.Args)-1]
	if lit, ok := ast.Unparen(last).(*ast.CompositeLit); ok {
		return []registration{f.listing(r, f.elements(lit), 0)}
	}
	name := identName(last)
	if name == "" {
		r.fixed = true
		return []registration{r}
	}
	outer := function(parents)
	if outer != nil {
		if index := variadic(outer, name); index >= 0 {
			return f.helperCalls(r, outer.Name.Name, index)
		}
	}
	var found []registration
	for _, lit := range f.literals(name, outer) {
		found = append(found, f.listing(r, f.elements(lit), 0))
	}
	if len(found) == 0 {
		r.fixed = true
		found = append(found, r)
	}
	return found
}

// variadic returns the index of the function's variadic parameter if that is its name, else -1.
func variadic(f *ast.FuncDecl, name string) int {
	index := 0
	for _, field := range f.Type.Params.List {
		_, dots := field.Type.(*ast.Ellipsis)
		for _, n := range field.Names {
			if dots && n.Name == name {
				return index
			}
			index++
		}
	}
	return -1
}

// helperCalls returns the calls to a function of the file that passes its arguments from index on to AddKnownTypes.
func (f *file) helperCalls(r registration, name string, index int) []registration {
	var found []registration
	walk(f.ast, func(n ast.Node, parents []ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || callee(call) != name || call.Ellipsis.IsValid() || len(call.Args) < index {
			return
		}
		r := r
		r.conditions = conditions(n, parents)
		r.position = f.offset(call.Pos())
		found = append(found, f.listing(r, f.arguments(call), index))
	})
	return found
}

// literals returns the slice literals that a variable of that name starts from: those in the function, else those of the
// package.
func (f *file) literals(name string, in *ast.FuncDecl) []*ast.CompositeLit {
	var local, global []*ast.CompositeLit
	keep := func(e ast.Expr, parents []ast.Node) {
		lit, ok := ast.Unparen(e).(*ast.CompositeLit)
		if !ok {
			return
		}
		if _, ok := lit.Type.(*ast.ArrayType); !ok {
			return
		}
		switch function(parents) {
		case nil:
			global = append(global, lit)
		case in:
			local = append(local, lit)
		}
	}
	walk(f.ast, func(n ast.Node, parents []ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if identName(left) == name && i < len(n.Rhs) {
					keep(n.Rhs[i], parents)
				}
			}
		case *ast.ValueSpec:
			for i, left := range n.Names {
				if left.Name == name && i < len(n.Values) {
					keep(n.Values[i], parents)
				}
			}
		}
	})
	if len(local) > 0 {
		return local
	}
	return global
}

// listing is a registration by a list whose objects start at index from.
func (f *file) listing(r registration, l list, from int) registration {
	shape := "&%s{}"
	for _, e := range l.elements[min(from, len(l.elements)):] {
		if kind, s := localObject(e); kind != "" {
			r.kinds = append(r.kinds, kind)
			shape = s
		}
	}
	r.add = func(kinds []string) [][]edit {
		texts := make([]string, len(kinds))
		for i, kind := range kinds {
			texts[i] = fmt.Sprintf(shape, kind)
		}
		return f.appendTo(l, texts...)
	}
	r.remove = func(kind string) []byte {
		i := slices.IndexFunc(l.elements, func(e ast.Expr) bool { name, _ := localObject(e); return name == kind })
		return f.withoutElement(l, i)
	}
	return r
}

// localObject returns the name of the package's own type of which e makes an object, and how it does so, as a format.
func localObject(e ast.Expr) (kind, shape string) {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if lit, ok := e.X.(*ast.CompositeLit); ok && lit.Type != nil && e.Op == token.AND {
			return identName(lit.Type), "&%s{}"
		}
	case *ast.CallExpr:
		if identName(e.Fun) == "new" && len(e.Args) == 1 {
			return identName(e.Args[0]), "new(%s)"
		}
		if star, ok := ast.Unparen(e.Fun).(*ast.StarExpr); ok && len(e.Args) == 1 && identName(e.Args[0]) == "nil" {
			return identName(star.X), "(*%s)(nil)"
		}
	}
	return "", ""
}

// knownTypeWithName is a registration by AddKnownTypeWithName: another one is written like it, below it.
func (f *file) knownTypeWithName(r registration, call *ast.CallExpr, parents []ast.Node) registration {
	r.named = true
	kind, shape := localObject(call.Args[1])
	name := call.Args[0]
	literal := kindLiteral(name)
	if literal != nil && kind != "" {
		if value, _ := stringValue(literal); value == kind {
			r.kinds = []string{kind}
		}
	}
	stmt, _ := statement(call, parents)
	simple, ok := stmt.(*ast.ExprStmt)
	if literal == nil || shape == "" || !ok || simple.X != ast.Expr(call) {
		r.fixed = true
		return r
	}
	r.add = func(kinds []string) [][]edit {
		texts := make([]string, len(kinds))
		for i, k := range kinds {
			start := f.offset(call.Pos())
			texts[i] = string(apply(f.src[start:f.offset(call.End())], []edit{
				{f.offset(literal.Pos()) - start, f.offset(literal.End()) - start, fmt.Sprintf("%q", k)},
				{f.offset(call.Args[1].Pos()) - start, f.offset(call.Args[1].End()) - start, fmt.Sprintf(shape, k)},
			}))
		}
		return [][]edit{f.appendStatements(stmt, texts...)}
	}
	r.remove = func(string) []byte { return apply(f.src, []edit{f.removeStatements(stmt, stmt)}) }
	return r
}

// kindLiteral returns the string literal that names the kind in a group version kind, or nil.
func kindLiteral(e ast.Expr) ast.Expr {
	var value ast.Expr
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if callee(e) == "WithKind" && len(e.Args) == 1 {
			value = e.Args[0]
		}
	case *ast.CompositeLit:
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok && identName(kv.Key) == "Kind" {
				value = kv.Value
			}
		}
	}
	if value == nil {
		return nil
	}
	if _, ok := stringValue(value); !ok {
		return nil
	}
	return value
}

func objects(shape string, kinds []string) string {
	texts := make([]string, len(kinds))
	for i, kind := range kinds {
		texts[i] = fmt.Sprintf(shape, kind)
	}
	return strings.Join(texts, ", ")
}
