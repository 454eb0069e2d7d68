package scaffold

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// kindFile returns the file that declares a kind, nil if it is that of other kinds, or of their registration, too.
func (p *goPackage) kindFile(kind string) (*goFile, error) {
	main := p.declaration(kind)
	if main == nil {
		return nil, nil
	}
	others := map[string]bool{}
	for _, file := range p.files {
		known, err := rewrite.KnownTypes(file.name, file.src)
		if err != nil {
			return nil, err
		}
		if file == main.file && len(known) > 0 {
			return nil, nil
		}
		for _, name := range known {
			others[name] = name != kind && name != kind+"List"
		}
	}
	for _, d := range p.declarations() {
		if d.file == main.file && slices.ContainsFunc(d.names, func(name string) bool { return others[name] }) {
			return nil, nil
		}
	}
	return main.file, nil
}

// goingWith returns the declarations that a package has for a kind alone: all of the kind's file, its types elsewhere with their
// methods, the functions by which they are converted and defaulted by hand, and those that were copied for them.
func (p *goPackage) goingWith(kind string, whole *goFile) []*declaration {
	types := map[string]bool{kind: true, kind + "List": true, kind + "Spec": true, kind + "Status": true}
	all := p.declarations()
	for _, d := range all {
		if d.file == whole && d.tok == token.TYPE {
			for _, name := range d.names {
				types[name] = true
			}
		}
	}
	var going, byHand []*declaration
	for _, d := range all {
		switch {
		case d.file == whole,
			d.tok == token.TYPE && !slices.ContainsFunc(d.names, func(name string) bool { return !types[name] }),
			d.isMethod() && types[receiver(d.decl.(*ast.FuncDecl))]:
			going = append(going, d)
		case d.tok == token.FUNC && !d.isMethod() && isByHand(d.names[0], types):
			going, byHand = append(going, d), append(byHand, d)
		}
	}
	return append(going, p.helpers(byHand, going)...)
}

// helpers returns what functions need that stands where copyFunctions puts it, and that nothing but what goes refers to.
func (p *goPackage) helpers(of, going []*declaration) []*declaration {
	var found []*declaration
	for _, function := range of {
		for _, d := range p.needs(function) {
			name := path.Base(d.file.name)
			if (name == "conversion.go" || name == "defaults.go") && !isAmong(d, going) && !isAmong(d, found) {
				found = append(found, d)
			}
		}
	}
	for {
		used := map[string]bool{}
		for _, d := range p.declarations() {
			if isAmong(d, going) || isAmong(d, found) {
				continue
			}
			for node := range ast.Preorder(d.decl) {
				if id, ok := node.(*ast.Ident); ok {
					used[id.Name] = true
				}
			}
		}
		left := slices.DeleteFunc(slices.Clone(found), func(d *declaration) bool {
			return slices.ContainsFunc(d.names, func(name string) bool { return used[name] })
		})
		if len(left) == len(found) {
			return found
		}
		found = left
	}
}

// isAmong says whether a declaration is one of others, of another reading of the package or not.
func isAmong(d *declaration, others []*declaration) bool {
	return slices.ContainsFunc(others, func(o *declaration) bool { return o.file.name == d.file.name && o.start == d.start })
}

// isByHand says whether generators of defaults and conversions call a function of that name for one of the types.
func isByHand(name string, types map[string]bool) bool {
	words := strings.Split(name, "_")
	return len(words) == 2 && words[0] == "SetDefaults" && types[words[1]] ||
		len(words) == 6 && words[0] == "Convert" && words[3] == "To" && (types[words[2]] || types[words[5]])
}

// receiver returns the name of the type that a method is of.
func receiver(f *ast.FuncDecl) string {
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if id, ok := typ.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
