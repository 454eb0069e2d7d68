package scaffold

import (
	"fmt"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// Subresource is a subresource of a kind.
type Subresource struct {
	// Name is its name in URLs: status and scale are what Kubernetes means by them, others are the project's own.
	Name string
	// Field is the JSON path of what a write to one of the project's own changes, as in .status.phase. Default: all of the status
	// or, without one, of the spec.
	Field string
}

var subresourceName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// NewSubresource checks the name and the path of a field.
func NewSubresource(name, field string) (Subresource, error) {
	s := Subresource{Name: name, Field: field}
	if !s.isOwn() && field != "" {
		return s, fmt.Errorf("subresource %q: what a write to it changes is fixed: leave out --field", name)
	}
	if !subresourceName.MatchString(name) || len(name) > 63 {
		return s, fmt.Errorf("subresource %q: must be lower case letters and digits, starting with a letter, as in approve", name)
	}
	if slices.Contains([]string{"store", "strategy", "validation", "doc"}, name) {
		return s, fmt.Errorf("subresource %q: is the name of another file of the storage: use another", name)
	}
	if field != "" && !strings.HasPrefix(field, ".") {
		s.Field = "." + field
	}
	return s, nil
}

func (s Subresource) isOwn() bool { return s.Name != "status" && s.Name != "scale" }

// AddSubresource returns the files that change when a kind gets a subresource, in all versions that it is served in: they share
// its storage. The status and the scale are as if the type had been made with them. One of the project's own gets a file in the
// package of the kind's storage, with its test, and is served by the group's store.go.
func AddSubresource(p *project.Project, t resource.Type, s Subresource) (*Result, error) {
	a, err := openStored(p, t)
	if err != nil {
		return nil, err
	}
	if s.isOwn() {
		return a.addOwn(s)
	}
	wanted := a.kind
	switch {
	case s.Name == "status" && a.Status(), s.Name == "scale" && a.Scale:
		return &Result{}, nil
	case s.Name == "status":
		wanted.NoStatus = false
	case !a.Status():
		return nil, fmt.Errorf("the scale shows status.replicas, and %s has no status: kubecraft add subresource %s %s status first", a.Kind, t.GroupVersion(), t.Kind)
	default:
		wanted.Scale = true
	}
	return a.become(wanted, s.Name)
}

// RemoveSubresource undoes AddSubresource, byte for byte in files that have not changed since. Lines of the status and the scale
// that somebody has changed are a *rewrite.ChangedError.
func RemoveSubresource(p *project.Project, t resource.Type, s Subresource) (*Result, error) {
	a, err := openStored(p, t)
	if err != nil {
		return nil, err
	}
	if s.isOwn() {
		return a.removeOwn(s)
	}
	wanted := a.kind
	switch {
	case s.Name == "status" && !a.Status(), s.Name == "scale" && !a.Scale:
		return &Result{}, nil
	case s.Name == "status" && a.Scale:
		return nil, fmt.Errorf("the scale of %s shows status.replicas: kubecraft remove subresource %s %s scale first", a.Kind, t.GroupVersion(), t.Kind)
	case s.Name == "status":
		if err := a.statusUnused(t); err != nil {
			return nil, err
		}
		wanted.NoStatus = true
	default:
		wanted.Scale = false
	}
	a.notes = append(a.notes, "what is stored of it stays until an object is written again")
	return a.become(wanted, s.Name)
}

// statusUnused returns an error if a subresource of the project's own changes the status, or a conversion is of it.
func (a *addition) statusUnused(t resource.Type) error {
	there, err := a.served()
	if err != nil {
		return err
	}
	for _, name := range there {
		file := a.storageFile(name + ".go")
		if _, err := a.read(file); err != nil || name == "status" || name == "scale" {
			continue
		}
		if field, selector := a.written(file); strings.HasPrefix(selector, "Status") {
			return fmt.Errorf("the subresource %s of %s changes %s: kubecraft remove subresource %s %s %s first", name, a.Kind, field, t.GroupVersion(), t.Kind, name)
		}
	}
	return a.statusUnconverted()
}

// statusUnconverted returns an error if a conversion in conversion.go is of the status: without it the version would not compile.
func (a *addition) statusUnconverted() error {
	for _, v := range a.project.Group(a.Group).Versions {
		types, err := a.parsePackage(path.Join(a.apiDir(), v.Dir))
		if err != nil {
			return err
		}
		status := types.statusOf(a.Kind)
		if status == "" {
			continue
		}
		for _, d := range types.declarations() {
			if d.tok != token.FUNC || d.isMethod() || !strings.HasPrefix(d.names[0], "Convert_") || !converts(d, map[string]bool{status: true}) {
				continue
			}
			how := "take it out by hand first"
			if strings.Contains(string(d.text()), Unfilled) {
				how = fmt.Sprintf("kubecraft remove conversion %s/%s %s first", a.Group, v.Name, a.Kind)
			}
			return fmt.Errorf("%s: %s converts the status of %s: %s", types.position(d.names[0]), d.names[0], a.Kind, how)
		}
	}
	return nil
}

// Subresources returns the names of what a kind serves beside itself.
func Subresources(p *project.Project, t resource.Type) ([]string, error) {
	a, err := openType(p, t)
	if err != nil {
		return nil, err
	}
	return a.served()
}

func (a *addition) served() ([]string, error) {
	registry, err := a.parsePackage(a.registryDir())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range registry.files {
		served, err := rewrite.ServedPaths(file.name, file.src)
		if err != nil {
			return nil, err
		}
		for _, paths := range served {
			for _, served := range paths {
				if name, ok := strings.CutPrefix(served, a.Plural+"/"); ok && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

// become makes of the kind what add type would have made of it, had it been told so.
func (a *addition) become(wanted kind, name string) (*Result, error) {
	if err := a.becomeType(a.apiDir(), "resource/group.types.go.tmpl", a.kind, wanted); err != nil {
		return nil, err
	}
	versions, err := a.versions()
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		to := v
		to.NoStatus, to.Scale = wanted.NoStatus, wanted.Scale
		if err := a.becomeType(v.versionDir(), "resource/version.types.go.tmpl", v, to); err != nil {
			return nil, err
		}
	}
	for _, file := range []struct{ declares, template string }{
		{"Storage", "resource/registry.store.go.tmpl"},
		{"Match" + a.Kind, "resource/registry.strategy.go.tmpl"},
	} {
		if err := a.editDeclaration(a.storageDir(), file.declares, carry(file.template, a.kind, wanted)); err != nil {
			return nil, err
		}
	}
	if a.Scale != wanted.Scale {
		if err := a.becomeScalable(wanted); err != nil {
			return nil, err
		}
	}
	is := wanted.Status()
	if name == "scale" {
		is = wanted.Scale
	}
	field := strings.ToUpper(name[:1]) + name[1:]
	if err := a.serve(name, is, func(storage, _ string) string { return storage + "." + field }); err != nil {
		return nil, err
	}
	return a.result(), nil
}

// becomeType changes the Go types of a kind in one package.
func (a *addition) becomeType(dir, template string, from, to kind) error {
	types, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	if status := a.Kind + "Status"; to.Status() && !from.Status() && types.declaration(status) != nil {
		if slices.ContainsFunc(types.fields(a.Kind), func(f field) bool { return f.name == "Status" }) {
			return nil // by hand
		}
		return fmt.Errorf("%s: declares %s, which the status of %s needs for itself: rename it, or give %s a field Status of it", types.position(status), status, a.Kind, a.Kind)
	}
	return a.editDeclaration(dir, a.Kind, carry(template, from, to))
}

// carry makes an edit of what a template is for two kinds.
func carry(template string, from, to kind) editFunc {
	return func(filename string, src []byte) ([]byte, error) {
		was, err := render(template, from)
		if err != nil {
			return nil, err
		}
		is, err := render(template, to)
		if err != nil {
			return nil, err
		}
		return rewrite.Carry(filename, src, was, is)
	}
}

// becomeScalable adds or removes the file and the modules of the scale.
func (a *addition) becomeScalable(wanted kind) error {
	file := a.storageFile("scale.go")
	content, err := render("resource/registry.scale.go.tmpl", wanted)
	if err != nil {
		return err
	}
	if wanted.Scale {
		if err := a.place(file, content); err != nil {
			return err
		}
		return a.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
			return updateModule(name, mod, sum, withScale)
		})
	}
	if err := a.withdraw("add subresource", file, content); err != nil {
		return err
	}
	return a.withdrawScale()
}

// withdrawScale takes out the modules of scales, if none is left.
func (a *addition) withdrawScale() error {
	for _, g := range a.project.Groups {
		for _, k := range g.Kinds {
			if k.Resource.Scale && (g.Name != a.Group || k.Resource.Kind != a.Kind) {
				return nil
			}
		}
	}
	has, err := a.wiring()
	if err != nil {
		return err
	}
	staying := append([]composition{withoutTypes, withTypes}, has.compositions()...)
	return a.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		return withdrawModule(name, mod, sum, []composition{withScale}, staying, a.importsByHand)
	})
}

// serve makes the group serve a subresource of the kind, or no more.
func (a *addition) serve(name string, is bool, storage func(storage, scheme string) string) error {
	registry, err := a.parsePackage(a.registryDir())
	if err != nil {
		return err
	}
	if !is {
		for _, file := range registry.files {
			err := a.editFile(file.name, func(filename string, src []byte) ([]byte, error) {
				return rewrite.RemoveSubresource(filename, src, a.Plural+"/"+name)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return a.editPlace(registry, "store.go", nil, func(filename string, src []byte) ([]byte, error) {
		alias, err := rewrite.NameFor(filename, src, a.storagePath(), a.StorageAlias())
		if err != nil {
			return nil, err
		}
		return rewrite.AddSubresource(filename, src, rewrite.Subresource{
			Constructor: alias + ".NewStorage", Resource: a.Plural, Name: name,
			Storage: func(variable, scheme string) string {
				return strings.ReplaceAll(storage(variable, scheme), packagePlaceholder, alias)
			},
		})
	})
}

// packagePlaceholder stands for the name by which the group's registry knows the package of the kind's storage.
const packagePlaceholder = "$package"
