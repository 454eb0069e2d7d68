package rewrite

import (
	"go/ast"
	"strings"
)

// Validation is a function that a strategy's method calls and whose errors it returns beside its own.
type Validation struct {
	// Method is the strategy's: Validate or ValidateUpdate.
	Method string
	// Function is what it calls with its objects.
	Function string
	// Type is what the objects are pointers to, as in "example.Bar".
	Type string
}

// AddValidation makes the method of a strategy that returns errors of fields return those of the function too. The strategy
// is that with a method Validate: those of subresources only change how objects are updated.
func AddValidation(filename string, src []byte, v Validation) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	ret, objects := f.validation(v)
	if ret == nil || len(objects) == 0 {
		return nil, v.notFound(filename)
	}
	if _, ok := f.validated(ret, v.Function); ok {
		return src, nil
	}
	for i := range objects {
		objects[i] += ".(*" + v.Type + ")"
	}
	call := v.Function + "(" + strings.Join(objects, ", ") + ")"
	start, end := f.offset(ret.Results[0].Pos()), f.offset(ret.Results[0].End())
	if identName(ret.Results[0]) == "nil" {
		return apply(src, []edit{{start, end, call}}), nil
	}
	return apply(src, []edit{insert(start, "append("), insert(end, ", "+call+"...)")}), nil
}

// RemoveValidation takes out what AddValidation puts in. It changes nothing if it is not there.
func RemoveValidation(filename string, src []byte, v Validation) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	ret, _ := f.validation(v)
	if ret == nil {
		return nil, v.notFound(filename)
	}
	own, ok := f.validated(ret, v.Function)
	if !ok {
		return src, nil
	}
	start, end := f.offset(ret.Results[0].Pos()), f.offset(ret.Results[0].End())
	if own == nil {
		return apply(src, []edit{{start, end, "nil"}}), nil
	}
	return apply(src, []edit{{start, f.offset(own.Pos()), ""}, {f.offset(own.End()), end, ""}}), nil
}

func (v Validation) notFound(filename string) error {
	objects := "obj.(*" + v.Type + ")"
	if v.Method == "ValidateUpdate" {
		objects += ", old.(*" + v.Type + ")"
	}
	return &NotFoundError{
		File:   filename,
		Wanted: "method " + v.Method + " of a strategy that ends in the return of a field.ErrorList",
		Lines:  "return " + v.Function + "(" + objects + ")",
	}
}

// validation returns the last statement of the strategy's method and the names of its objects.
func (f *file) validation(v Validation) (*ast.ReturnStmt, []string) {
	strategies := map[string]bool{}
	for _, fn := range f.methods("Validate") {
		strategies[receiver(fn)] = true
	}
	for _, fn := range f.methods(v.Method) {
		if !strategies[receiver(fn)] {
			continue
		}
		var names []string
		for _, field := range fn.Type.Params.List {
			if typeName(field.Type) == "Context" {
				continue
			}
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
		for _, name := range names {
			if name == "_" {
				return nil, nil
			}
		}
		if last, ok := fn.Body.List[len(fn.Body.List)-1].(*ast.ReturnStmt); ok && len(last.Results) == 1 {
			return last, names
		}
	}
	return nil, nil
}

// methods returns the methods of a name that return a field.ErrorList.
func (f *file) methods(name string) []*ast.FuncDecl {
	var found []*ast.FuncDecl
	for _, decl := range f.ast.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if ok && fn.Recv != nil && fn.Name.Name == name && fn.Body != nil && len(fn.Body.List) > 0 &&
			fn.Type.Results != nil && len(fn.Type.Results.List) == 1 && typeName(fn.Type.Results.List[0].Type) == "ErrorList" {
			found = append(found, fn)
		}
	}
	return found
}

// receiver returns the name of the type that a method is of.
func receiver(fn *ast.FuncDecl) string {
	t := fn.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	return typeName(t)
}

// validated says whether a return has the errors of the function, and which expression it returns beside them; nil for none.
func (f *file) validated(ret *ast.ReturnStmt, function string) (own ast.Expr, ok bool) {
	call, isCall := ret.Results[0].(*ast.CallExpr)
	if !isCall {
		return nil, false
	}
	if identName(call.Fun) == function {
		return nil, true
	}
	if identName(call.Fun) == "append" && len(call.Args) == 2 {
		if inner, isCall := call.Args[1].(*ast.CallExpr); isCall && identName(inner.Fun) == function {
			return call.Args[0], true
		}
		// Another function's errors may stand around this one's.
		return nil, false
	}
	return nil, false
}
