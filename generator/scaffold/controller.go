package scaffold

import (
	"fmt"
	"go/ast"
	"path"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
)

// Controller is a controller of one of the project's types: it keeps an object for each, and says in a condition how far that is.
func Controller() Kind {
	return Kind{
		Noun: "controller", article: "a",
		dir:         "pkg/components/controller",
		constructor: "Controller",
		composition: withControllers,
		formFlag:    "for",
		variants:    controllerVariants,
	}
}

// watched is what the templates in controller/ know about the type that a controller is for.
type watched struct {
	component.Component
	kind
	// Accessor is what the clientset calls the version, InformerGroup and InformerVersion what the informers do, Plural what both call
	// the objects.
	Accessor, InformerGroup, InformerVersion, Plural string
	// Client is the path of the version's package below those of clients and listers.
	Client string
	// Phase and ObservedGeneration say that the status has these fields.
	Phase, ObservedGeneration bool
}

// Import is the import spec of the version's package.
func (w watched) Import() string { return w.Alias() + ` "` + w.versionPath() + `"` }

// Alias is the name by which the controller knows it.
func (w watched) Alias() string {
	if alias := w.VersionAlias(); alias != "corev1" { // which the templates import
		return alias
	}
	return w.GroupPackage + "api" + w.Version
}

func (w watched) form() string { return w.GroupVersion() + "/" + w.Kind }

// watchedKinds are the project's kinds in each of their versions, without what is in their files.
func watchedKinds(p *project.Project) []watched {
	var all []watched
	for _, group := range p.Groups {
		for _, version := range group.Versions {
			for _, name := range version.Kinds {
				of := group.Kind(name)
				if of == nil {
					continue
				}
				w := watched{kind: kind{Resource: of.Resource, Module: p.Module, GroupPackage: group.Dir, VersionDir: version.Dir}}
				w.Version = version.Name
				all = append(all, w)
			}
		}
	}
	return all
}

// controllerVariants are a controller for each kind in each version. How it is written depends on the fields that a status has, and so
// there are others of the same name: the fields may have come or gone since.
func controllerVariants(p *project.Project) []variant {
	var all, others []variant
	for _, w := range watchedKinds(p) {
		d := newDraft(p)
		refuse := w.read(&d)
		for i := range 4 {
			phase, observed := w.Phase == (i&1 == 0), w.ObservedGeneration == (i&2 == 0)
			v := variant{
				name:   w.form(),
				refuse: refuse,
				templates: map[string]string{
					"controller.go":      "controller/controller.go.tmpl",
					"reconcile.go":       "controller/reconcile.go.tmpl",
					"controller_test.go": "controller/controller_test.go.tmpl",
				},
				data: func(c component.Component) any {
					of := w
					of.Component, of.Phase, of.ObservedGeneration = c, phase, observed
					return of
				},
				is:         func(p *goPackage) bool { return p.isOf(&w.kind) },
				conditions: &w.kind,
				leaves: func(c component.Component) string {
					name := strings.ToLower(w.Kind)
					return fmt.Sprintf("a %s that it has seen keeps the finalizer %s/%s, and stays when it is deleted: kubectl patch %s NAME --type merge -p '{\"metadata\":{\"finalizers\":null}}'", w.Kind, w.Group, c.Name, name)
				},
			}
			if i == 0 {
				all = append(all, v)
			} else {
				others = append(others, v)
			}
		}
	}
	return append(all, others...)
}

// read looks up in the project's files what the templates need. The error says why there can be no controller for the kind.
func (w *watched) read(d *draft) error {
	types, err := d.parsePackage(w.versionDir())
	if err != nil {
		return err
	}
	_, hasSpec := types.field(w.Kind, "Spec")
	status := types.statusOf(w.Kind)
	switch {
	case !hasSpec:
		return fmt.Errorf("%s: %s has no field Spec, from which a controller takes what is to be", d.onDisk(w.versionDir()), w.Kind)
	case status == "" || !w.HasStatus():
		return fmt.Errorf("%s: %s has no status, in which a controller says how far it is", d.onDisk(w.versionDir()), w.Kind)
	}
	is := func(name, typ string) bool {
		f, ok := types.field(status, name)
		return ok && identName(f.expr) == typ
	}
	w.Phase, w.ObservedGeneration = is("Phase", "string"), is("ObservedGeneration", "int64")
	return w.readClient(d)
}

// clientsetDir is where client-gen writes, as kube_codegen.sh has it.
const clientsetDir = project.GeneratedDir + "/clientset/versioned"

// readClient takes the names that generated clients have for the kind from themselves.
func (w *watched) readClient(d *draft) error {
	missing := fmt.Errorf("%s: has no client for %s of %s, which a controller is written with: kubecraft generate first", d.onDisk(clientsetDir), w.Kind, w.GroupVersion())
	clientset, err := d.parsePackage(clientsetDir)
	if err != nil {
		return err
	}
	for alias, imported := range clientset.importNames() {
		client, ok := strings.CutPrefix(imported, path.Join(w.Module, clientsetDir, "typed")+"/")
		if !ok {
			continue
		}
		typed, err := d.parsePackage(path.Join(clientsetDir, "typed", client))
		if err != nil {
			return err
		}
		if !typed.imports(w.versionPath()) {
			continue
		}
		for method, result := range typed.methods() {
			if name, ok := result.(*ast.Ident); ok && name.Name == w.Kind+"Interface" {
				w.Plural = method
			}
		}
		for method, result := range clientset.methods() {
			if of, ok := result.(*ast.SelectorExpr); ok && identName(of.X) == alias {
				w.Accessor = method
			}
		}
		w.Client = client
		w.InformerVersion = strings.ToUpper(w.VersionDir[:1]) + w.VersionDir[1:]
		w.InformerGroup = strings.TrimSuffix(w.Accessor, w.InformerVersion)
	}
	if w.Plural == "" || w.Accessor == "" {
		return missing
	}
	return nil
}

// methods are the methods of a package's interfaces that have one result, and its type.
func (p *goPackage) methods() map[string]ast.Expr {
	all := map[string]ast.Expr{}
	for _, file := range p.files {
		ast.Inspect(file.File, func(n ast.Node) bool {
			of, ok := n.(*ast.InterfaceType)
			if !ok {
				return true
			}
			for _, method := range of.Methods.List {
				if f, ok := method.Type.(*ast.FuncType); ok && len(method.Names) == 1 && f.Results != nil && len(f.Results.List) == 1 {
					all[method.Names[0].Name] = f.Results.List[0].Type
				}
			}
			return true
		})
	}
	return all
}

// isOf says whether a package has the variable Kind that add controller writes, with that kind.
func (p *goPackage) isOf(k *kind) bool {
	found, imported := false, p.importNames()
	for _, file := range p.files {
		ast.Inspect(file.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || method.Sel.Name != "WithKind" {
				return true
			}
			version, ok := method.X.(*ast.SelectorExpr)
			of, literal := call.Args[0].(*ast.BasicLit)
			found = found || ok && literal && imported[identName(version.X)] == k.versionPath() && of.Value == strconv.Quote(k.Kind)
			return true
		})
	}
	return found
}

func identName(e ast.Expr) string {
	if name, ok := e.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
