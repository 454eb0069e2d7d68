package scaffold

import (
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"

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
	if err := a.checkGroup(r.Group); err != nil {
		return nil, err
	}
	for _, step := range append(a.steps(), a.module) {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &Result{
		Files:  a.changed,
		Before: a.before,
		Notes:  slices.Concat(r.Notes(), project.SharedNames(p, r), a.notes),
		ByHand: a.byHand,
	}, nil
}

// addition is a kind on its way into a project.
type addition struct {
	draft
	// group and known are what the project has of r's group and kind so far; nil when new.
	group *project.Group
	known *project.Kind
	kind
	notes, byHand []string
}

func newAddition(p *project.Project, r resource.Resource) *addition {
	a := &addition{draft: newDraft(p), group: p.Group(r.Group)}
	a.known = a.group.Kind(r.Kind)
	a.kind = kind{
		Resource: r, Module: p.Module, GroupPackage: r.GroupDir(), KindPackage: r.RegistryPackage(),
		VersionDir: r.Version, VersionPackage: r.Version,
	}
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

// steps add the type to the project's code.
func (a *addition) steps() []func() error {
	return []func() error{a.internal, a.version, a.install, a.storage, a.registry, a.apiserver}
}

// internal adds the type to the group's internal package, whose one form serves all versions.
func (a *addition) internal() error {
	dir := a.apiDir()
	types, there, err := a.register(dir, "resource/group.")
	if err != nil || there {
		return err
	}
	source, err := a.sourceVersion()
	if err != nil {
		return err
	}
	if source != nil {
		a.notes = append(a.notes, fmt.Sprintf("%s has no internal type: the fields of %s in %s were not carried over to %s", a.Kind, a.Kind, source.dir, dir))
	}
	return a.createTypes(types, "resource/group.types.go.tmpl")
}

// version adds the type to the package of the external version.
func (a *addition) version() error {
	dir := a.versionDir()
	types, there, err := a.register(dir, "resource/version.")
	if err != nil {
		return err
	}
	a.VersionPackage = types.name(a.Version)
	if len(types.files) == 0 {
		if err := a.create(path.Join(dir, "defaults.go"), "resource/version.defaults.go.tmpl"); err != nil {
			return err
		}
	}
	if there {
		return nil
	}
	source, err := a.sourceVersion()
	if err != nil {
		return err
	}
	if source == nil {
		return a.createTypes(types, "resource/version.types.go.tmpl")
	}
	file, err := a.typesFile(dir)
	if err != nil {
		return err
	}
	content, err := copyKind(source, types, a.Kind, a.VersionPackage)
	if err != nil {
		return err
	}
	if err := a.write(file, content); err != nil {
		return err
	}
	return a.copyFunctions(source, dir)
}

// register registers the kind in the package of types in dir, which it starts if there is none, from the templates whose
// names begin with prefix. It returns the package as it was, and whether that has the kind's type.
func (a *addition) register(dir, prefix string) (types *goPackage, there bool, err error) {
	types, err = a.parsePackage(dir)
	if err != nil {
		return nil, false, err
	}
	if len(types.files) == 0 {
		if err := a.create(path.Join(dir, "doc.go"), prefix+"doc.go.tmpl"); err != nil {
			return nil, false, err
		}
		return types, false, a.create(path.Join(dir, "register.go"), prefix+"register.go.tmpl")
	}
	if d := types.declaration(a.Kind); d != nil {
		there, err = types.registers(a.Kind)
		if err != nil {
			return nil, false, err
		}
		if !there || d.tok != token.TYPE {
			return nil, false, fmt.Errorf("%s: declares %s, which is not registered as a kind: rename it, or register it and %sList with scheme.AddKnownTypes, then run the command again", types.position(a.Kind), a.Kind, a.Kind)
		}
	}
	notFound := &rewrite.NotFoundError{
		File:   a.onDisk(dir),
		Wanted: "call to scheme.AddKnownTypes",
		Lines:  fmt.Sprintf("scheme.AddKnownTypes(SchemeGroupVersion, &%s{}, &%sList{})", a.Kind, a.Kind),
	}
	return types, there, a.editPlace(types, "register.go", notFound, func(filename string, src []byte) ([]byte, error) {
		return rewrite.AddKnownTypes(filename, src, a.Kind, a.Kind+"List")
	})
}

// createTypes renders the file of the kind's types into a package that declares none of them.
func (a *addition) createTypes(types *goPackage, template string) error {
	names := []string{a.Kind + "List", a.Kind + "Spec"}
	if a.Status() {
		names = append(names, a.Kind+"Status")
	}
	for _, name := range names {
		if types.declaration(name) != nil {
			return fmt.Errorf("%s: declares %s, which kind %s needs for itself: rename it, or use another kind", types.position(name), name, a.Kind)
		}
	}
	file, err := a.typesFile(types.dir)
	if err != nil {
		return err
	}
	return a.create(file, template)
}

// typesFile returns a file of the package for the kind's types that is not there yet.
func (a *addition) typesFile(dir string) (string, error) {
	file := path.Join(dir, a.FileName())
	for _, name := range []string{file, path.Join(dir, strings.ToLower(a.Kind)+"_types.go")} {
		_, err := a.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: is there without a type %s: rename it, then run the command again", a.onDisk(file), a.Kind)
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
	version := []imported{{a.versionPath(), a.VersionAlias()}}
	err := a.createOrEditPlace(a.installDir(), "install.go", "resource/install.go.tmpl", withImports(version, func(filename string, src []byte, names []string) ([]byte, error) {
		return rewrite.AddVersion(filename, src, names[0])
	}))
	if err != nil || a.group != nil {
		return err
	}
	return a.create(path.Join(a.installDir(), "install_test.go"), "resource/install_test.go.tmpl")
}

// storage adds the package of the kind's storage.
func (a *addition) storage() error {
	if a.known != nil && a.known.RegistryPackage != "" {
		return nil
	}
	there, err := a.parsePackage(a.storageDir())
	if err != nil {
		return err
	}
	if len(there.files) > 0 {
		return fmt.Errorf("%s: is there, and does not store %s: move it out of the way, then run the command again", a.onDisk(there.files[0].name), a.Kind)
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
	storage := []imported{{a.storagePath(), a.StorageAlias()}}
	err := a.createOrEditPlace(a.registryDir(), "store.go", "resource/registry.group.go.tmpl", withImports(storage, func(filename string, src []byte, names []string) ([]byte, error) {
		return rewrite.AddResourceStorage(filename, src, a.kind.storage(names[0]))
	}))
	if err != nil || a.known == nil {
		return err
	}
	return a.serveOwn()
}

// apiserver makes the control plane serve the group.
func (a *addition) apiserver() error {
	p, err := a.parsePackage(apiserverDir)
	if err != nil {
		return err
	}
	line := func(install, registry string) string {
		return fmt.Sprintf("{Install: %s.Install, NewRESTStorage: %s.NewRESTStorage}", install, registry)
	}
	notFound := &rewrite.NotFoundError{
		File:   a.onDisk(p.dir),
		Wanted: "list of type []apiserver.Group",
		Lines:  line(a.InstallAlias(), a.RegistryAlias()) + ",",
	}
	group := []imported{{a.installPath(), a.InstallAlias()}, {a.registryPath(), a.RegistryAlias()}}
	err = a.editPlace(p, "install.go", notFound, withImports(group, func(filename string, src []byte, names []string) ([]byte, error) {
		return rewrite.AddGroup(filename, src, line(names[0], names[1]))
	}))
	if err != nil {
		return err
	}
	if p, err = a.parsePackage(apiserverDir); err != nil {
		return err
	}
	definitions := []imported{{a.importPath(path.Join(project.GeneratedDir, "openapi")), "openapi"}}
	return a.editPlace(p, "install.go", notFound, withImports(definitions, func(filename string, src []byte, names []string) ([]byte, error) {
		return addDefinitions(filename, src, names[0]+".GetOpenAPIDefinitions")
	}))
}

// module requires what the project's code now imports.
func (a *addition) module() error {
	c := withTypes
	if a.Scale {
		c = withScale
	}
	return a.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) { return updateModule(name, mod, sum, c) })
}
