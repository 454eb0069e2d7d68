package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// own is what the templates of a subresource of the project's own know.
type own struct {
	kind
	Name string
	// Field is the JSON path of what it changes, as in status.phase; Selector the same in Go.
	Field, Selector string
}

func (o own) Go() string     { return strings.ToUpper(o.Name[:1]) + o.Name[1:] }
func (o own) InSpec() bool   { return o.Selector == "Spec" || strings.HasPrefix(o.Selector, "Spec.") }
func (o own) marker() string { return fmt.Sprintf("// +k8s:supportsSubresource=%q", "/"+o.Name) }

// Var is the start of the names that are not exported.
func (o own) Var() string { return o.Name }

// Quoted is Field as arguments.
func (o own) Quoted() string {
	parts := strings.Split(o.Field, ".")
	for i := range parts {
		parts[i] = strconv.Quote(parts[i])
	}
	return strings.Join(parts, ", ")
}

func (o own) files() map[string]string {
	return map[string]string{
		o.storageFile(o.Name + ".go"):      "resource/registry.subresource.go.tmpl",
		o.storageFile(o.Name + "_test.go"): "resource/registry.subresource_test.go.tmpl",
	}
}

// own completes a subresource of the project's own.
func (a *addition) own(s Subresource) (own, error) {
	o := own{kind: a.kind, Name: s.Name, Field: strings.TrimPrefix(s.Field, ".")}
	if o.Field == "" {
		o.Field = "spec"
		if a.Status() {
			o.Field = "status"
		}
	}
	external, err := a.parsePackage(a.versionDir())
	if err != nil {
		return o, err
	}
	at, err := external.follow(a.Kind, "."+o.Field)
	switch {
	case err != nil:
		return o, err
	case len(at.names) == 0 || len(at.names) != len(strings.Split(o.Field, ".")) || at.names[0] != "Spec" && at.names[0] != "Status":
		return o, fmt.Errorf("field %q: a subresource changes a field of the spec or the status of %s, such as status.phase", o.Field, a.Kind)
	case at.pointer:
		return o, fmt.Errorf("field %q: is within a pointer, a list or a map, which may not be there: name what holds it", o.Field)
	}
	o.Selector = strings.Join(at.names, ".")
	internal, err := a.parsePackage(a.apiDir())
	if err != nil {
		return o, err
	}
	of := a.Kind
	for _, name := range at.names {
		i := slices.IndexFunc(internal.fields(of), func(f field) bool { return f.name == name })
		if i < 0 {
			return o, fmt.Errorf("field %q: the internal type %s in %s has no field %s", o.Field, of, a.apiDir(), name)
		}
		of = typeName(internal.fields(of)[i].expr)
	}
	return o, nil
}

func (a *addition) addOwn(s Subresource) (*Result, error) {
	there, err := a.served()
	if err != nil {
		return nil, err
	}
	if slices.Contains(there, s.Name) {
		return &Result{}, nil
	}
	o, err := a.own(s)
	if err != nil {
		return nil, err
	}
	types, err := a.parsePackage(a.storageDir())
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"strategy", "newStrategy", "REST"} {
		if types.declaration(name) == nil {
			return nil, &rewrite.NotFoundError{File: a.onDisk(a.storageDir()), Wanted: "declaration of " + name, Lines: "type " + name + " as kubecraft add type writes it"}
		}
	}
	ownFile := a.storageFile(s.Name + ".go")
	for _, name := range []string{o.Go() + "REST", "New" + o.Go() + "REST", o.Var() + "Strategy"} {
		if types.declaration(name) != nil && types.fileOf(name) != ownFile {
			return nil, fmt.Errorf("%s: declares %s, which the subresource %s needs for itself: rename it, or use another name", types.position(name), name, s.Name)
		}
	}
	for file, template := range o.files() {
		if _, err := a.read(file); err == nil && types.declaration("New"+o.Go()+"REST") != nil {
			continue // what was changed in it stays, and is used again
		}
		content, err := render(template, o)
		if err != nil {
			return nil, err
		}
		if err := a.place(file, content); err != nil {
			return nil, err
		}
	}
	versions, err := a.versions()
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		err := a.editDeclaration(v.versionDir(), a.Kind, func(filename string, src []byte) ([]byte, error) {
			return rewrite.AddMarkers(filename, src, a.Kind, "// +k8s:supportsSubresource=", o.marker())
		})
		if err != nil {
			return nil, err
		}
	}
	if err := a.serve(s.Name, true, o.storage); err != nil {
		return nil, err
	}
	return a.result(), nil
}

// serveOwn makes a further version serve the subresources of the project's own that the others do.
func (a *addition) serveOwn() error {
	names, err := a.served()
	if err != nil {
		return err
	}
	types, err := a.parsePackage(a.storageDir())
	if err != nil {
		return err
	}
	for _, name := range names {
		o := own{kind: a.kind, Name: name}
		if types.declaration("New"+o.Go()+"REST") == nil {
			continue // status, scale, or made in another way
		}
		if err := a.serve(name, true, o.storage); err != nil {
			return err
		}
	}
	return nil
}

// storage is the expression for the storage of the subresource.
func (o own) storage(storage, scheme string) string {
	return fmt.Sprintf("%s.New%sREST(%s, %s.%s)", packagePlaceholder, o.Go(), scheme, storage, o.Kind)
}

func (a *addition) removeOwn(s Subresource) (*Result, error) {
	there, err := a.served()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(there, s.Name) {
		return &Result{}, nil
	}
	o := own{kind: a.kind, Name: s.Name}
	if err := a.serve(s.Name, false, nil); err != nil {
		return nil, err
	}
	versions, err := a.versions()
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		err := a.editDeclaration(v.versionDir(), a.Kind, func(filename string, src []byte) ([]byte, error) {
			return rewrite.RemoveMarkers(filename, src, a.Kind, o.marker())
		})
		if err != nil {
			return nil, err
		}
	}
	o.Field, o.Selector = a.written(a.storageFile(s.Name + ".go"))
	for file, template := range o.files() {
		content, err := render(template, o)
		if err != nil {
			return nil, err
		}
		if err := a.withdraw("add subresource", file, content); err != nil {
			return nil, err
		}
	}
	if len(a.removed) == 1 {
		a.removed = nil
	}
	return a.result(), nil
}

var (
	writtenField    = regexp.MustCompile(`a write changes (\S+) and nothing`)
	writtenSelector = regexp.MustCompile(`wanted, metadata := object\.(\S+), `)
)

// written returns the field that a subresource's file says it changes.
func (a *addition) written(file string) (json, selector string) {
	json, selector = "status", "Status"
	src, err := a.read(file)
	if err != nil {
		return json, selector // there is none
	}
	if m := writtenField.FindSubmatch(src); m != nil {
		json = string(m[1])
	}
	if m := writtenSelector.FindSubmatch(src); m != nil {
		selector = string(m[1])
	}
	return json, selector
}
