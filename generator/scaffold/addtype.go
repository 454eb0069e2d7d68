package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// AddType returns the files that the project gains, and those that change, when it serves r: the kind's internal and
// external type, its storage, and its registration. What r leaves open is taken from the same kind in another version,
// and so are the fields. Errors say what Kubernetes, Go or the project's own code has against r; a place that is not found in
// the user's code is a *rewrite.NotFoundError.
//
// A kind that is there, exactly as described, gives a result without files.
func AddType(p *project.Project, r resource.Resource) (*Result, error) {
	r = project.Inherit(p, r)
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if r.Scale && r.NoStatus {
		return nil, fmt.Errorf("kind %q: --scale shows status.replicas: leave out --no-status", r.Kind)
	}
	if err := project.CheckAdd(p, r); err != nil {
		return nil, err
	}
	if project.AlreadyThere(p, r) {
		return &Result{}, nil
	}
	a := newAddition(p, r)
	steps := []func() error{a.internal, a.version, a.install, a.storage, a.registry, a.apiserver, a.module}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &Result{Files: a.changed, Notes: append(r.Notes(), a.notes...)}, nil
}

// addition is a kind on its way into a project.
type addition struct {
	project *project.Project
	// group and known are what the project has of r's group and kind so far; nil when new.
	group *project.Group
	known *project.Kind
	kind
	changed map[string][]byte
	notes   []string
}

func newAddition(p *project.Project, r resource.Resource) *addition {
	a := &addition{project: p, group: p.Group(r.Group), changed: map[string][]byte{}}
	a.known = a.group.Kind(r.Kind)
	a.kind = kind{Resource: r, Module: p.Module, GroupPackage: r.GroupDir(), KindPackage: r.RegistryPackage(), VersionDir: r.Version}
	if a.group != nil {
		a.GroupPackage = a.group.Dir
	}
	if v := a.group.Version(r.Version); v != nil && v.Dir != "" {
		a.VersionDir = v.Dir
	}
	if a.known != nil && a.known.RegistryPackage != "" {
		a.KindPackage = a.known.RegistryPackage
	}
	return a
}

// internal adds the type to the group's internal package, whose one form serves all versions.
func (a *addition) internal() error {
	dir := a.apiDir()
	types, err := a.register(dir, "resource/group.")
	if err != nil {
		return err
	}
	if types.declares(a.Kind) {
		return nil
	}
	source, err := a.sourceVersion()
	if err != nil {
		return err
	}
	if source != nil {
		a.notes = append(a.notes, fmt.Sprintf("%s has no internal type: the fields of %s in %s were not carried over to %s", a.Kind, a.Kind, source.dir, dir))
	}
	return a.create(path.Join(dir, a.FileName()), "resource/group.types.go.tmpl")
}

// version adds the type to the package of the external version.
func (a *addition) version() error {
	dir := a.versionDir()
	types, err := a.register(dir, "resource/version.")
	if err != nil {
		return err
	}
	if len(types.files) == 0 {
		if err := a.create(path.Join(dir, "defaults.go"), "resource/version.defaults.go.tmpl"); err != nil {
			return err
		}
	}
	if types.declares(a.Kind) {
		return nil
	}
	file := path.Join(dir, a.FileName())
	source, err := a.sourceVersion()
	if err != nil {
		return err
	}
	if source == nil {
		return a.create(file, "resource/version.types.go.tmpl")
	}
	content, err := copyKind(source, types, a.Kind, a.Version)
	if err != nil {
		return err
	}
	a.notes = append(a.notes, copyNotes(source, a.Kind, dir)...)
	return a.write(file, content)
}

// register registers the kind in the package of types in dir, which it starts if there is none, from the templates whose
// names begin with prefix. It returns the package as it was.
func (a *addition) register(dir, prefix string) (*goPackage, error) {
	types, err := a.parsePackage(dir)
	if err != nil {
		return nil, err
	}
	if len(types.files) == 0 {
		if err := a.create(path.Join(dir, "doc.go"), prefix+"doc.go.tmpl"); err != nil {
			return nil, err
		}
		return types, a.create(path.Join(dir, "register.go"), prefix+"register.go.tmpl")
	}
	file := types.registration()
	if file == "" {
		return nil, &rewrite.NotFoundError{
			File:   a.onDisk(dir),
			Wanted: "register.go with a call to scheme.AddKnownTypes",
			Lines:  fmt.Sprintf("scheme.AddKnownTypes(SchemeGroupVersion, &%s{}, &%sList{})", a.Kind, a.Kind),
		}
	}
	return types, a.edit(file, func(filename string, src []byte) ([]byte, error) {
		return rewrite.AddKnownTypes(filename, src, a.Kind, a.Kind+"List")
	})
}

// sourceVersion returns the package of the version whose fields a further version of the kind starts with; nil for
// the first version.
func (a *addition) sourceVersion() (*goPackage, error) {
	if a.known == nil || len(a.known.Versions) == 0 {
		return nil, nil
	}
	name := a.known.StorageVersion
	if name == "" {
		name = a.known.Versions[0]
	}
	if name == a.Version {
		return nil, nil
	}
	dir := name
	if v := a.group.Version(name); v != nil && v.Dir != "" {
		dir = v.Dir
	}
	return a.parsePackage(path.Join(a.apiDir(), dir))
}

// install registers the version with the group.
func (a *addition) install() error {
	dir := a.installDir()
	err := a.createOrEdit(path.Join(dir, "install.go"), "resource/install.go.tmpl", func(filename string, src []byte) ([]byte, error) {
		src, alias, err := addImport(filename, src, a.versionPath(), a.VersionAlias())
		if err != nil {
			return nil, err
		}
		return rewrite.AddVersion(filename, src, alias)
	})
	if err != nil || a.group != nil {
		return err
	}
	return a.create(path.Join(dir, "install_test.go"), "resource/install_test.go.tmpl")
}

// storage adds the package of the kind's storage.
func (a *addition) storage() error {
	if a.known != nil && a.known.RegistryPackage != "" {
		return nil
	}
	files := map[string]string{"store.go": "resource/registry.store.go.tmpl", "strategy.go": "resource/registry.strategy.go.tmpl"}
	if a.Scale {
		files["scale.go"] = "resource/registry.scale.go.tmpl"
	}
	for file, template := range files {
		if err := a.create(path.Join(a.storageDir(), file), template); err != nil {
			return err
		}
	}
	return nil
}

// registry makes the group serve the kind's storage in the version.
func (a *addition) registry() error {
	return a.createOrEdit(path.Join(a.registryDir(), "store.go"), "resource/registry.group.go.tmpl", func(filename string, src []byte) ([]byte, error) {
		src, alias, err := addImport(filename, src, a.storagePath(), a.StorageAlias())
		if err != nil {
			return nil, err
		}
		return rewrite.AddResourceStorage(filename, src, a.kind.storage(alias))
	})
}

// apiserver makes the control plane serve the group.
func (a *addition) apiserver() error {
	return a.edit("pkg/apiserver/install.go", func(filename string, src []byte) ([]byte, error) {
		src, install, err := addImport(filename, src, a.installPath(), a.InstallAlias())
		if err != nil {
			return nil, err
		}
		src, openapi, err := addImport(filename, src, path.Join(a.Module, "pkg/generated/openapi"), "openapi")
		if err != nil {
			return nil, err
		}
		src, registry, err := addImport(filename, src, a.registryPath(), a.RegistryAlias())
		if err != nil {
			return nil, err
		}
		src, err = rewrite.AddGroup(filename, src, fmt.Sprintf("{Install: %s.Install, NewRESTStorage: %s.NewRESTStorage}", install, registry))
		if err != nil {
			return nil, err
		}
		return addDefinitions(filename, src, openapi+".GetOpenAPIDefinitions")
	})
}

// module requires what the project's code now imports.
func (a *addition) module() error {
	mod, err := a.read("go.mod")
	if err != nil {
		return err
	}
	sum, err := a.read("go.sum")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c := withTypes
	if a.Scale {
		c = withScale
	}
	newMod, newSum, err := updateModule(filepath.Join(a.project.Dir, "go.mod"), mod, sum, c)
	if err != nil {
		return err
	}
	if err := a.write("go.mod", newMod); err != nil {
		return err
	}
	return a.write("go.sum", newSum)
}

// addImport imports a package and returns the name by which the file knows it.
func addImport(filename string, src []byte, importPath, want string) (newSrc []byte, name string, err error) {
	name, err = rewrite.NameFor(filename, src, importPath, want)
	if err != nil {
		return nil, "", err
	}
	given := name
	if name == path.Base(importPath) {
		given = ""
	}
	src, err = rewrite.AddImport(filename, src, given, importPath)
	return src, name, err
}

// read returns the file as it is so far.
func (a *addition) read(file string) ([]byte, error) {
	if content, ok := a.changed[file]; ok {
		return content, nil
	}
	return os.ReadFile(a.onDisk(file))
}

func (a *addition) onDisk(file string) string {
	return filepath.Join(a.project.Dir, filepath.FromSlash(file))
}

// write notes the file's new content, unless that is what it has.
func (a *addition) write(file string, content []byte) error {
	old, err := a.read(file)
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	a.changed[file] = content
	return nil
}

// create renders the file unless it is there.
func (a *addition) create(file, template string) error {
	return a.createOrEdit(file, template, func(_ string, src []byte) ([]byte, error) { return src, nil })
}

// createOrEdit edits the file if it is there, and renders it otherwise.
func (a *addition) createOrEdit(file, template string, edit func(filename string, src []byte) ([]byte, error)) error {
	_, err := a.read(file)
	if err == nil {
		return a.edit(file, edit)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	content, err := render(template, a.kind)
	if err != nil {
		return err
	}
	a.changed[file] = content
	return nil
}

func (a *addition) edit(file string, edit func(filename string, src []byte) ([]byte, error)) error {
	src, err := a.read(file)
	if err != nil {
		return err
	}
	content, err := edit(a.onDisk(file), src)
	if err != nil {
		return err
	}
	return a.write(file, content)
}
