package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// Kind is a kind of component that a project can have of its own: a package of its own, and a line in the list of parts.
type Kind struct {
	// Noun is what verbs call it, with the article: add scheduler NAME.
	Noun, article string
	// dir holds the packages, constructor is what each has for the list of parts.
	dir, constructor string
	// composition is what the packages and their tests import.
	composition composition
	// needsWhole says that it cannot be without the whole built-in API.
	needsWhole bool
	// variants are the forms in which add can write it, the usual one first.
	variants func(*project.Project) []variant
	// formFlag is the flag that names the form, if none is usual: without it, the only one there is.
	formFlag string
	// without says what is missing for a component to be of use, and the verb that adds it. Empty if nothing is. May be nil.
	without func(wiring) string
}

// variant is a form in which a component is written.
type variant struct {
	name string
	// composition is what it imports if that is not what the kind says.
	composition composition
	// is says of a component's package whether it is of this form. Nil if that cannot be told.
	is func(*goPackage) bool
	// templates are by the name of the file in the package; data is for them.
	templates map[string]string
	data      func(component.Component) any
	// refuse says why it cannot be written now, nil if it can.
	refuse error
	// conditions is the type of the project's in whose status the component writes conditions, nil if it does in none.
	conditions *kind
	// leaves says what the component has left in stored objects. Nil if it leaves nothing.
	leaves func(component.Component) string
}

// Kinds returns all kinds of components.
func Kinds() []Kind {
	return []Kind{Authenticator(), Authorizer(), Admission(), Controller(), Scheduler(), Kubelet()}
}

// NeedsWhole says that a component of the kind cannot be without the whole built-in API.
func (k Kind) NeedsWhole() bool { return k.needsWhole }

// Dir is the folder that the packages of the kind's components are in, a slash path from the project's root.
func (k Kind) Dir() string { return k.dir }

// One is a component of the kind, in a sentence.
func (k Kind) One() string { return k.article + " " + k.Noun }

// New returns the names of a component. Those of the parts that a control plane can have are taken, and with -config behind them some
// are flags of kube-apiserver's.
func (k Kind) New(name string) (component.Component, error) {
	taken := []string{"default-scheduler", "admission-control", "authentication", "authorization", "egress-selector", "encryption-provider", "runtime", "tracing"}
	return component.New(name, append(Parts(), taken...)...)
}

// Names returns the names of the components of the kind that a project's control plane has.
func (k Kind) Names(p *project.Project) ([]string, error) {
	d := newDraft(p)
	has, err := d.wiring()
	return wiring{components: has.of(k)}.names(), err
}

// AddComponent returns the files that a component of one's own adds to a project or changes: its package, with its test, in the
// form that is asked for, the usual one if that is empty; the file that lists the parts; and the modules. A package that is there
// stays as it is.
func AddComponent(p *project.Project, kind Kind, c component.Component, form string) (*Result, error) {
	d := newDraft(p)
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	if kind.needsWhole && !before.whole {
		return nil, fmt.Errorf("%s needs the whole built-in API, which the project does not serve: kubecraft add builtin --all first", kind.One())
	}
	for _, other := range before.components {
		if other.kind.Noun != kind.Noun && other.Name == c.Name {
			return nil, fmt.Errorf("%s: is %s that is called %s: give this one another name, as in %s-%s", d.onDisk(path.Join(other.kind.dir, other.Package)), other.kind.One(), c.Name, c.Name, kind.Noun)
		}
	}
	dir := path.Join(kind.dir, c.Package)
	wired := before.in(kind, c.Package)
	there, err := d.filesIn(dir)
	if err != nil {
		return nil, err
	}
	served, err := d.neededResources(before)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	if len(there) == 0 {
		err = d.writeComponent(kind, c, form)
	} else {
		err = d.keepComponent(kind, c, form)
	}
	if err != nil {
		return nil, err
	}
	if len(there) > 0 && wired == nil {
		result.Notes = append(result.Notes, dir+" was there, and stays as it is")
	}
	if wired == nil {
		err = d.editMain(withImports([]imported{{d.importPath(dir), c.Package}}, func(filename string, src []byte, names []string) ([]byte, error) {
			return rewrite.AddPart(filename, src, names[0]+"."+kind.constructor+"()")
		}))
		if err != nil {
			return nil, err
		}
	}
	after, err := d.settleModules(before)
	if err != nil {
		return nil, err
	}
	if kind.without != nil && len(d.changed) > 0 {
		if note := kind.without(after); note != "" {
			result.Notes = append(result.Notes, note)
		}
	}
	serves, err := d.neededResources(after)
	if err != nil {
		return nil, err
	}
	serves = slices.DeleteFunc(serves, func(name string) bool { return slices.Contains(served, name) })
	if len(serves) > 0 {
		result.Notes = append(result.Notes, builtin.Join(serves)+" are served with it")
	}
	result.Files, result.Before, result.Stale = d.changed, d.before, d.changesTypes()
	return result, nil
}

// writeComponent writes the package of a component.
func (a *draft) writeComponent(kind Kind, c component.Component, form string) error {
	v, err := kind.variant(a.project, form)
	if err != nil {
		return err
	}
	files, err := renderAll(v.templates, v.data(c))
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := a.write(path.Join(kind.dir, c.Package, name), content); err != nil {
			return err
		}
	}
	return a.addConditions(v.conditions)
}

// keepComponent goes on with a package that is there, unless it is another component's.
func (a *draft) keepComponent(kind Kind, c component.Component, form string) error {
	dir := a.onDisk(path.Join(kind.dir, c.Package))
	found, err := a.componentIn(kind, c.Package)
	if err != nil {
		return err
	}
	if found.Name != c.Name {
		return fmt.Errorf("%s: is the package of the %s %s: give this one another name", dir, kind.Noun, found.Name)
	}
	v, err := a.variantIn(kind, c.Package)
	if v == nil || err != nil {
		return err
	}
	if form != "" && v.name != form {
		return fmt.Errorf("%s: is %s for %s that is called %s: give this one another name", dir, kind.One(), v.name, c.Name)
	}
	return a.addConditions(v.conditions)
}

// Forms returns the names of the forms in which a component of the kind can be written, each once.
func (k Kind) Forms(p *project.Project) []string {
	var names []string
	for _, v := range k.variants(p) {
		if v.name != "" && !slices.Contains(names, v.name) {
			names = append(names, v.name)
		}
	}
	return names
}

// variant returns the form of a name, or the usual one.
func (k Kind) variant(p *project.Project, name string) (variant, error) {
	variants := k.variants(p)
	names := k.Forms(p)
	switch {
	case len(variants) == 0, name != "" && len(names) == 0:
		return variant{}, fmt.Errorf("%s is for a type, and the project has none: kubecraft add type example/v1 Bar first", k.One())
	case name == "" && k.formFlag != "" && len(names) > 1:
		return variant{}, fmt.Errorf("say what the %s is for: --%s %s", k.Noun, k.formFlag, strings.Join(names, ", or --"+k.formFlag+" "))
	case name != "" && !slices.Contains(names, name):
		return variant{}, fmt.Errorf("%s for %s: there is none; there are %s", k.Noun, name, builtin.Join(names))
	}
	v := variants[0]
	if name != "" {
		v = variants[slices.IndexFunc(variants, func(v variant) bool { return v.name == name })]
	}
	return v, v.refuse
}

// RemoveComponent undoes AddComponent, byte for byte in files that have not changed since. A package in which something has
// stays where it is, and a note says so.
func RemoveComponent(p *project.Project, kind Kind, c component.Component) (*Result, error) {
	d := newDraft(p)
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	dir := path.Join(kind.dir, c.Package)
	if wired := before.in(kind, c.Package); wired == nil || wired.Name != c.Name {
		return &Result{}, nil
	}
	if err := d.removePart(d.importPath(dir), kind.constructor, "the "+kind.Noun+" "+c.Name, "add "+kind.Noun); err != nil {
		return nil, err
	}
	result := &Result{}
	there, err := d.filesIn(dir)
	if err != nil {
		return nil, err
	}
	v, err := d.variantIn(kind, c.Package)
	if err != nil {
		return nil, err
	}
	changed, err := d.changedFile(kind, c, there, v)
	if err != nil {
		return nil, err
	}
	for _, name := range there {
		d.removed = append(d.removed, path.Join(dir, name))
	}
	used, err := d.imports(d.importPath(dir))
	if err != nil {
		return nil, err
	}
	switch {
	case changed != "":
		result.Notes = append(result.Notes, fmt.Sprintf("%s stays, as its %s is not what add %s wrote: remove it by hand if you do not need it", dir, changed, kind.Noun))
		d.removed = nil
	case used:
		result.Notes = append(result.Notes, dir+" stays, as the project imports it elsewhere")
		d.removed = nil
	}
	if v != nil && v.conditions != nil && len(d.removed) > 0 {
		usedIn, err := d.removeConditions(v.conditions)
		if err != nil {
			return nil, err
		}
		if usedIn != "" {
			result.Notes = append(result.Notes, fmt.Sprintf("the conditions of %s stay, as %s uses them", v.conditions.Kind, usedIn))
		}
	}
	if v != nil && v.leaves != nil {
		result.Notes = append(result.Notes, v.leaves(c))
	}
	result.Remove = d.removed
	if _, err := d.settleModules(before); err != nil {
		return nil, err
	}
	result.Files, result.Before, result.Stale = d.changed, d.before, d.changesTypes()
	return result, nil
}

// changesTypes says whether the project's types change, from which code is generated.
func (a *draft) changesTypes() bool {
	for name := range a.changed {
		if strings.HasPrefix(name, "pkg/apis/") {
			return true
		}
	}
	return false
}

// changedFile returns the name of a file of a component that is not what add wrote, in whatever form, or in those of the name of one;
// empty if there is none.
func (a *draft) changedFile(kind Kind, c component.Component, there []string, of *variant) (changed string, err error) {
	for _, v := range kind.variants(a.project) {
		if of != nil && v.name != of.name {
			continue
		}
		ours, err := renderAll(v.templates, v.data(c))
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(there, func(name string) bool {
			content, err := a.read(path.Join(kind.dir, c.Package, name))
			return err != nil || !bytes.Equal(content, ours[name])
		})
		if i < 0 {
			return "", nil
		}
		if changed == "" {
			changed = there[i]
		}
	}
	return changed, nil
}

// variantIn returns the form in which a component was written. Nil if that cannot be told.
func (a *draft) variantIn(kind Kind, name string) (*variant, error) {
	p, err := a.parsePackage(path.Join(kind.dir, name))
	if err != nil {
		return nil, err
	}
	for _, v := range kind.variants(a.project) {
		if v.is != nil && v.is(p) {
			return &v, nil
		}
	}
	return nil, nil
}

// importPath is that of a folder of the project.
func (a *draft) importPath(dir string) string { return path.Join(a.project.Module, dir) }

// filesIn returns the names in a folder of the project, which may not be there.
func (a *draft) filesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(a.onDisk(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// componentIn returns the component of a package, by the constant Name that add writes, or else by the package's own name.
func (a *draft) componentIn(kind Kind, name string) (component.Component, error) {
	found := component.Component{Name: name, Package: name}
	p, err := a.parsePackage(path.Join(kind.dir, name))
	if err != nil {
		return found, err
	}
	declared := p.declaration("Name")
	if declared == nil || declared.tok != token.CONST {
		return found, nil
	}
	for _, spec := range declared.decl.(*ast.GenDecl).Specs {
		value := spec.(*ast.ValueSpec)
		for i, of := range value.Names {
			if of.Name != "Name" || i >= len(value.Values) {
				continue
			}
			if text, ok := value.Values[i].(*ast.BasicLit); ok && text.Kind == token.STRING {
				found.Name, err = strconv.Unquote(text.Value)
			}
		}
	}
	return found, err
}
