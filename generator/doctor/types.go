package doctor

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
)

// types finds kinds that are on the way to being served and have not arrived.
func types(p *project.Project) ([]Finding, error) {
	all, err := p.ReadTypes()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, t := range all {
		add := fmt.Sprintf("kubecraft add type %s/%s %s", t.Group, t.Version, t.Kind)
		dir := path.Dir(t.Declared.File)
		switch {
		case !t.Registered:
			found = append(found, at(t.Declared, t.Kind+" is not registered as a kind",
				fmt.Sprintf("add &%s{}, &%sList{} to the call of scheme.AddKnownTypes in %s", t.Kind, t.Kind, dir)))
		case !t.Stored:
			found = append(found, at(t.Declared, t.Kind+" has no storage", add))
		case !t.IsServed:
			found = append(found, at(t.Declared, fmt.Sprintf("%s is not served in %s/%s", t.Kind, t.Group, t.Version), add))
		case !t.Internal:
			found = append(found, at(t.Declared, fmt.Sprintf("%s has no internal type", t.Kind),
				fmt.Sprintf("declare %s and %sList in %s, and register them there with scheme.AddKnownTypes", t.Kind, t.Kind, path.Dir(dir))))
		}
	}
	return found, nil
}

// groups finds groups and versions that are not installed, and kinds that are stored in no version of theirs.
func groups(p *project.Project) ([]Finding, error) {
	elements, err := p.Elements()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, g := range p.Groups {
		dir := path.Join("pkg/apis", g.Dir)
		install := path.Join(dir, "install")
		if len(g.Kinds) > 0 && !slices.ContainsFunc(elements, func(e project.Element) bool { return e.Package == path.Join(p.Module, install) }) {
			found = append(found, in("pkg/apiserver/install.go", "group "+g.Name+" is not served",
				fmt.Sprintf("add {Install: %sinstall.Install, NewRESTStorage: %sregistry.NewRESTStorage}, of %s and pkg/registry/%s, to its list of groups", g.Dir, g.Dir, install, g.Dir)))
		}
		imported, err := p.Imports(install)
		if err != nil {
			return nil, err
		}
		for _, v := range g.Versions {
			if len(v.Kinds) > 0 && !slices.Contains(imported, path.Join(p.Module, dir, v.Dir)) {
				found = append(found, in(path.Join(install, "install.go"), "version "+g.Name+"/"+v.Name+" is not installed",
					fmt.Sprintf("add utilruntime.Must(%s%s.AddToScheme(scheme)) of %s/%s", g.Dir, v.Name, dir, v.Dir)))
			}
		}
		for _, k := range g.Kinds {
			if k.RegistryPackage == "" || k.StorageVersion != "" {
				continue
			}
			versions := g.Name + "/" + strings.Join(k.Versions, " or "+g.Name+"/")
			stored, ok, err := p.StoredIn(&g, &k)
			if err != nil {
				return nil, err
			}
			if !ok {
				found = append(found, in(path.Join("pkg/registry", g.Dir, k.RegistryPackage, "store.go"), "does not say which version of "+k.Resource.Kind+" is stored",
					fmt.Sprintf("getter = registry.StorageVersion(getter, scheme, %s%s.SchemeGroupVersion)", g.Dir, k.Versions[0])))
				continue
			}
			found = append(found, at(stored.Place, fmt.Sprintf("%s is stored in %s, which is no version of it", k.Resource.Kind, stored.Text), "name that of "+versions))
		}
	}
	return found, nil
}
