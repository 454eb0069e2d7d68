package rewrite

import (
	"go/ast"
	"slices"
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
	if f.calls(v) {
		return src, nil
	}
	ret, objects := f.validation(v)
	if ret == nil || len(objects) == 0 {
		return nil, v.notFound(filename)
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

// RemoveValidation takes out what AddValidation puts in, also from among errors that others have been added to since. It changes
// nothing if it is not there, or is called in another way.
func RemoveValidation(filename string, src []byte, v Validation) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	ret, _ := f.validation(v)
	if ret == nil {
		return nil, v.notFound(filename)
	}
	whole, own := validated(ret.Results[0], v.Function)
	if whole == nil {
		return src, nil
	}
	start, end := f.offset(whole.Pos()), f.offset(whole.End())
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
	for _, fn := range f.strategyMethods(v.Method) {
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

// strategyMethods returns the methods of a name that types with a method Validate have.
func (f *file) strategyMethods(name string) []*ast.FuncDecl {
	strategies := map[string]bool{}
	for _, fn := range f.methods("Validate") {
		strategies[receiver(fn)] = true
	}
	return slices.DeleteFunc(f.methods(name), func(fn *ast.FuncDecl) bool { return !strategies[receiver(fn)] })
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

// calls says whether the strategy's method calls the function, wherever in it.
func (f *file) calls(v Validation) bool {
	for _, fn := range f.strategyMethods(v.Method) {
		for n := range ast.Preorder(fn.Body) {
			if call, ok := n.(*ast.CallExpr); ok && identName(call.Fun) == v.Function {
				return true
			}
		}
	}
	return false
}

// validated finds the errors of the function in what a method returns: in whole, which is the returned expression or one that
// appends them to others or others to them, and which errors stay without them; nil for none. whole is nil if it finds none.
func validated(returned ast.Expr, function string) (whole, own ast.Expr) {
	is := func(e ast.Expr) bool {
		call, ok := e.(*ast.CallExpr)
		return ok && identName(call.Fun) == function
	}
	if is(returned) {
		return returned, nil
	}
	for {
		call, ok := returned.(*ast.CallExpr)
		if !ok || identName(call.Fun) != "append" || len(call.Args) != 2 {
			return nil, nil
		}
		lists := call.Ellipsis.IsValid()
		switch {
		case lists && is(call.Args[1]):
			return call, call.Args[0]
		case lists && is(call.Args[0]):
			return call, call.Args[1]
		}
		if lists {
			if whole, own := validated(call.Args[1], function); own != nil {
				return whole, own
			}
		}
		returned = call.Args[0]
	}
}
