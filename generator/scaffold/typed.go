package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// openType returns a type of the project for a verb that changes it, described as it is in the version that t names.
func openType(p *project.Project, t resource.Type) (*addition, error) {
	known, err := p.Find(t)
	if err != nil {
		return nil, err
	}
	r := known.Resource
	r.Version = t.Version
	a := newAddition(p, r)
	types, err := a.parsePackage(a.versionDir())
	if err != nil {
		return nil, err
	}
	a.VersionPackage = types.name(a.Version)
	return a, nil
}

// openVersion is openType with the package of the version.
func openVersion(p *project.Project, t resource.Type) (*addition, *goPackage, error) {
	a, err := openType(p, t)
	if err != nil {
		return nil, nil, err
	}
	types, err := a.parsePackage(a.versionDir())
	return a, types, err
}

// openStored is openType for a type that the project stores by a package of its own.
func openStored(p *project.Project, t resource.Type) (*addition, error) {
	a, err := openType(p, t)
	if err != nil {
		return nil, err
	}
	if a.known.RegistryPackage == "" {
		return nil, fmt.Errorf("%s: no package below it stores %s: kubecraft add type %s writes one", a.onDisk(a.registryDir()), a.Kind, t.Words())
	}
	return a, nil
}

// result is what has been changed.
func (a *addition) result() *Result {
	return &Result{Files: a.changed, Remove: a.removed, Before: a.before, Notes: a.notes}
}

// versions returns the kind as it is in each version that has it.
func (a *addition) versions() ([]kind, error) {
	var all []kind
	for _, name := range a.known.Versions {
		k := a.kind
		k.Version, k.VersionDir, k.VersionPackage = name, name, name
		if v := a.group.Version(name); v != nil && v.Dir != "" {
			k.VersionDir = v.Dir
		}
		types, err := a.parsePackage(k.versionDir())
		if err != nil {
			return nil, err
		}
		k.VersionPackage = types.name(name)
		all = append(all, k)
	}
	return all, nil
}

// specFields returns the fields of the internal type's spec, and the name by which clients know each.
func (a *addition) specFields() ([]field, error) {
	internal, err := a.parsePackage(a.apiDir())
	if err != nil {
		return nil, err
	}
	external, err := a.parsePackage(a.versionDir())
	if err != nil {
		return nil, err
	}
	fields := internal.fields(a.Kind + "Spec")
	if !slices.ContainsFunc(internal.fields(a.Kind), func(f field) bool { return f.name == "Spec" && typeName(f.expr) == a.Kind+"Spec" }) {
		return nil, nil
	}
	known := external.fields(a.Kind + "Spec")
	for i, f := range fields {
		fields[i].json = lowerFirst(f.name)
		for _, k := range known {
			if k.name == f.name && k.json != "" {
				fields[i].json = k.json
			}
		}
	}
	return fields, nil
}

// place writes a file of the verb's own into a package, unless it is there as it would be written. One that is there otherwise
// is the user's.
func (a *addition) place(file string, content []byte) error {
	there, err := a.read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.changed[file] = content
		return nil
	case err != nil:
		return err
	case bytes.Equal(there, content):
		return nil
	}
	return fmt.Errorf("%s: is there, and not what kubecraft would write: move it out of the way, then run the command again", a.onDisk(file))
}

// withdraw removes a file that a verb has written, if it is still one of those that the verb writes. Otherwise it stays, and a
// note says so.
func (a *addition) withdraw(verb, file string, written ...[]byte) error {
	there, err := a.read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case slices.ContainsFunc(written, func(content []byte) bool { return bytes.Equal(content, there) }):
		a.removed = append(a.removed, file)
		return nil
	}
	a.notes = append(a.notes, fmt.Sprintf("%s stays, as it is not what %s wrote: remove it by hand if you do not need it", file, verb))
	return nil
}

// fileOf returns the file of a package that declares a name.
func (p *goPackage) fileOf(name string) string {
	if d := p.declaration(name); d != nil {
		return d.file.name
	}
	return ""
}

// editFile edits a file.
func (a *draft) editFile(file string, edit editFunc) error {
	src, err := a.read(file)
	if err != nil {
		return err
	}
	out, err := edit(a.onDisk(file), src)
	if err != nil {
		return err
	}
	return a.write(file, out)
}

// editDeclaration edits the file of a package that declares a name.
func (a *draft) editDeclaration(dir, name string, edit editFunc) error {
	p, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	file := p.fileOf(name)
	if file == "" {
		return &rewrite.NotFoundError{File: a.onDisk(dir), Wanted: "declaration of " + name, Lines: "type " + name + " struct{ ... }"}
	}
	return a.editFile(file, edit)
}

// apiName returns the name by which a file knows the group's internal package.
func (a *addition) apiName(filename string, src []byte) (string, error) {
	return rewrite.NameFor(filename, src, a.apiPath(), a.API())
}
