package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strconv"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// resourceFunction is what the packages of built-in resources have for the list of groups.
const resourceFunction = "Resource"

// AddBuiltinResources returns the files that change when a project serves some resources of Kubernetes' own API beside its
// own types: the list of what is served, in pkg/apiserver, and the modules. Resources that are there already are left, but for
// modules that go.mod has not, and notes say which others the new ones refer to.
func AddBuiltinResources(p *project.Project, resources []builtin.Resource) (*Result, error) {
	d := newDraft(p)
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	if before.whole {
		return &Result{Notes: []string{"the project serves the whole built-in API, which has them"}}, nil
	}
	served := before.resources
	var added []builtin.Resource
	for _, r := range resources {
		if slices.Contains(served, r.Name) {
			continue
		}
		if own := p.Group(r.Group); own != nil {
			return nil, fmt.Errorf("%s: is the group %s, which %s are of as well: a server has a group from one of the two", d.onDisk(path.Join("pkg/apis", own.Dir)), r.Group, r.Name)
		}
		if err := d.addResource(r); err != nil {
			return nil, err
		}
		added, served = append(added, r), append(served, r.Name)
	}
	if _, err := d.settleModules(before); err != nil {
		return nil, err
	}
	result := &Result{Files: d.changed, Before: d.before, Changed: names(added)}
	if len(added) == 0 {
		if len(d.changed) > 0 {
			result.Changed = []string{"the modules of " + builtin.Join(names(resources))}
		}
		return result, nil
	}
	var notes []string
	for _, r := range added {
		if r.Note != "" && !slices.Contains(notes, r.Note) {
			notes = append(notes, r.Note)
		}
	}
	result.Notes = append(builtin.Missing(added, served), notes...)
	return result, nil
}

func names(of []builtin.Resource) []string {
	var all []string
	for _, r := range of {
		all = append(all, r.Name)
	}
	return all
}

// RemoveBuiltinResources undoes AddBuiltinResources for some of the resources, byte for byte in files that have not changed
// since.
func RemoveBuiltinResources(p *project.Project, resources []builtin.Resource) (*Result, error) {
	d := newDraft(p)
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	if before.whole {
		return nil, fmt.Errorf("%s: serves the whole built-in API, which has no parts to take out: kubecraft remove builtin, then add those that you want", p.Dir)
	}
	removed, notes, err := d.withoutResources(resources)
	if err != nil {
		return nil, err
	}
	result, err := d.settled(before)
	if err == nil {
		result.Changed, result.Notes = names(removed), append(result.Notes, notes...)
	}
	return result, err
}

// withoutResources takes those of the resources out that are there, and returns which, and what those that are left miss now.
func (a *draft) withoutResources(resources []builtin.Resource) (removed []builtin.Resource, missing []string, err error) {
	served, err := a.servedResources()
	if err != nil {
		return nil, nil, err
	}
	for _, r := range resources {
		if slices.Contains(served, r.Name) {
			removed = append(removed, r)
			if err := a.removeResource(r); err != nil {
				return nil, nil, err
			}
		}
	}
	gone := func(name string) bool {
		return slices.ContainsFunc(removed, func(r builtin.Resource) bool { return r.Name == name })
	}
	var left []builtin.Resource
	for _, r := range builtin.Resources() {
		if slices.Contains(served, r.Name) && !gone(r.Name) {
			left = append(left, r)
		}
	}
	// What was missing before is no news.
	for i := range left {
		left[i].RefersTo = slices.DeleteFunc(left[i].RefersTo, func(name string) bool { return !gone(name) })
	}
	return removed, builtin.Missing(left, names(left)), nil
}

// servedResources returns the names of the built-in resources that the project lists.
func (a *draft) servedResources() ([]string, error) {
	p, err := a.parsePackage(apiserverDir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range p.files {
		paths, err := rewrite.GroupCalls(a.onDisk(file.name), file.src, resourceFunction)
		if err != nil {
			return nil, err
		}
		for _, r := range builtin.Resources() {
			if slices.Contains(paths, resourcePackage(r)) {
				names = append(names, r.Name)
			}
		}
	}
	return names, nil
}

// neededResources returns the names of the built-in resources that are served only because components need them.
func (a *draft) neededResources(by wiring) ([]string, error) {
	var needed []string
	if by.whole {
		return nil, nil
	}
	for _, c := range by.components {
		p, err := a.parsePackage(path.Join(c.kind.dir, c.Package))
		if err != nil {
			return nil, err
		}
		for _, file := range p.files {
			needs, err := rewrite.Needs(a.onDisk(file.name), file.src)
			if err != nil {
				return nil, err
			}
			for _, n := range needs {
				for _, r := range builtin.Resources() {
					if n.Package == resourcePackage(r) && !slices.Contains(by.resources, r.Name) && !slices.Contains(needed, r.Name) {
						needed = append(needed, r.Name)
					}
				}
			}
		}
	}
	return needed, nil
}

// checkGroup says that a group of that name cannot be the project's.
func (a *draft) checkGroup(name string) error {
	served, err := a.servedResources()
	if err != nil {
		return err
	}
	for _, r := range builtin.Resources() {
		if r.Group == name && slices.Contains(served, r.Name) {
			return fmt.Errorf("group %q: %s, which the project serves, are of it: take another name for yours, or kubecraft remove builtin %s", name, r.Name, r.Name)
		}
	}
	return nil
}

func resourcePackage(r builtin.Resource) string { return path.Join(builtinPackage, r.Package()) }

func (a *draft) addResource(r builtin.Resource) error {
	p, err := a.parsePackage(apiserverDir)
	if err != nil {
		return err
	}
	call := func(name string) string { return name + "." + resourceFunction + "()" }
	notFound := &rewrite.NotFoundError{File: a.onDisk(apiserverDir), Wanted: "list of type []apiserver.Group", Lines: call(r.Name) + ",", Imports: []string{strconv.Quote(resourcePackage(r))}}
	return a.editPlace(p, "install.go", notFound, withImports([]imported{{resourcePackage(r), r.Name}}, func(filename string, src []byte, names []string) ([]byte, error) {
		return rewrite.AddGroup(filename, src, call(names[0]))
	}))
}

func (a *draft) removeResource(r builtin.Resource) error {
	p, err := a.parsePackage(apiserverDir)
	if err != nil {
		return err
	}
	for _, file := range p.files {
		content, err := rewrite.RemoveGroupCall(a.onDisk(file.name), file.src, resourcePackage(r), resourceFunction)
		if err != nil {
			return err
		}
		if err := a.write(file.name, content); err != nil {
			return err
		}
	}
	return nil
}
