package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// RemoveType undoes AddType for a kind in a version, byte for byte in files that have not changed since. With the last version of
// the kind its internal type and its storage go, with the last kind of a version the version, and so on up to the OpenAPI
// definitions and the modules of a project with types. What the user has written elsewhere stays.
//
// Unless forced it refuses, with a *RemovalError, while the user's code still uses what goes, when something goes that AddType would
// not write again, and when objects are stored in the version. Forced, Result.ByHand says what is to be mended. A kind that is not
// there gives a result without files.
func RemoveType(p *project.Project, t resource.Type, force bool) (*Result, error) {
	v := p.Group(t.Group).Version(t.Version)
	if v == nil || !slices.Contains(v.Kinds, t.Kind) {
		return &Result{}, nil
	}
	return remove(p, []resource.Type{t}, force)
}

// RemoveVersion does what RemoveType does with every kind of a version.
func RemoveVersion(p *project.Project, group, version string, force bool) (*Result, error) {
	var types []resource.Type
	if v := p.Group(group).Version(version); v != nil {
		for _, kind := range v.Kinds {
			types = append(types, resource.Type{Group: group, Version: version, Kind: kind})
		}
	}
	return remove(p, types, force)
}

// RemoveGroup does what RemoveType does with every kind of a group.
func RemoveGroup(p *project.Project, group string, force bool) (*Result, error) {
	var types []resource.Type
	if g := p.Group(group); g != nil {
		for _, k := range g.Kinds {
			// The version that is stored goes last: nothing is left then that would have to be stored otherwise.
			versions := slices.Clone(k.Versions)
			slices.SortStableFunc(versions, func(a, b string) int { return isNot(b, k.StorageVersion) - isNot(a, k.StorageVersion) })
			for _, version := range versions {
				types = append(types, resource.Type{Group: group, Version: version, Kind: k.Resource.Kind})
			}
		}
	}
	return remove(p, types, force)
}

// RemovalError says why types are not removed: each finding begins with its place.
type RemovalError struct {
	// Findings are lines: file:line:column: what is in the way.
	Findings []string
}

func (e *RemovalError) Error() string {
	return strings.Join(append(slices.Clone(e.Findings), "nothing is written: change that first, or say --force"), "\n")
}

// removal is a number of types on their way out of a project.
type removal struct {
	draft
	// left is the project without what is out already.
	left *project.Project
	// findings are why a person should look first.
	findings []string
	notes    []string
}

func remove(p *project.Project, types []resource.Type, force bool) (*Result, error) {
	if len(types) == 0 {
		return &Result{}, nil
	}
	rm := &removal{draft: newDraft(p), left: p}
	for _, t := range types {
		if err := rm.take(t); err != nil {
			return nil, err
		}
	}
	uses, err := rm.uses(types)
	if err != nil {
		return nil, err
	}
	findings := slices.Concat(rm.findings, uses)
	if len(findings) > 0 && !force {
		return nil, &RemovalError{findings}
	}
	if err := rm.module(); err != nil {
		return nil, err
	}
	rm.noteData(types)
	result := &Result{Files: rm.changed, Remove: slices.Compact(slices.Sorted(slices.Values(rm.removed))), Before: rm.before, Notes: rm.notes, ByHand: uses}
	for _, t := range types {
		result.Changed = append(result.Changed, t.Words())
	}
	return result, nil
}

// noteData says what becomes of objects that are stored.
func (rm *removal) noteData(types []resource.Type) {
	for _, t := range types {
		k := rm.left.Group(t.Group).Kind(t.Kind)
		if k == nil {
			continue
		}
		rm.notes = append(rm.notes, fmt.Sprintf("objects in data/ that were last written as %s/%s cannot be read without it: have every %s written in %s first, or kubecraft reset", t.Group, t.Version, t.Kind, k.StorageVersion))
	}
	if len(rm.notes) == 0 {
		rm.notes = append(rm.notes, "objects in data/ stay there, unseen, and are served again when the type is")
	}
}

// take takes one type out.
func (rm *removal) take(t resource.Type) error {
	g := rm.left.Group(t.Group)
	k, v := g.Kind(t.Kind), g.Version(t.Version)
	r := k.Resource
	r.Version = t.Version
	a := newAddition(rm.left, r)
	a.draft = rm.copy()
	out := &typeRemoval{
		addition:      a,
		lastOfKind:    len(k.Versions) == 1,
		lastOfVersion: len(v.Kinds) == 1,
		lastOfGroup:   len(v.Kinds) == 1 && len(g.Versions) == 1,
		lastOfAll:     len(v.Kinds) == 1 && len(g.Versions) == 1 && len(rm.left.Groups) == 1,
	}
	for _, step := range []func() error{out.storageVersion, out.apiserver, out.registry, out.storage, out.install, out.version, out.internal} {
		if err := step(); err != nil {
			return err
		}
	}
	before := rm.draft
	rm.draft, rm.left = out.draft, rm.left.Without(t.Group, t.Version, t.Kind)
	lost, err := rm.lost(out, r, &before)
	rm.findings = slices.Concat(rm.findings, out.moved, out.byHand, lost)
	return err
}

// copy returns the files as they are so far, to go on from.
func (a *draft) copy() draft {
	return draft{project: a.project, changed: maps.Clone(a.changed), before: maps.Clone(a.before), removed: slices.Clone(a.removed)}
}

// typeRemoval takes out what addition puts in.
type typeRemoval struct {
	*addition
	lastOfKind, lastOfVersion, lastOfGroup, lastOfAll bool
	// gone are files that are removed as a whole, cut declarations that are taken out of others.
	gone []string
	cut  []*declaration
	// moved says what is stored in another version from now on, byHand which lines that go are not as add type writes them.
	moved, byHand []string
}

// delete removes a file of the project, if it is there.
func (a *typeRemoval) delete(file string) error {
	if _, err := a.read(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	delete(a.changed, file)
	a.removed = append(a.removed, file)
	a.gone = append(a.gone, file)
	return nil
}

// editAll edits every file of a package.
func (a *typeRemoval) editAll(dir string, edit editFunc) error {
	p, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	for _, file := range p.files {
		content, err := edit(a.onDisk(file.name), file.src)
		if err != nil {
			return err
		}
		if err := a.write(file.name, content); err != nil {
			return err
		}
	}
	return nil
}

// storageVersion has the kind stored in another of its versions, if this is the one.
func (a *typeRemoval) storageVersion() error {
	if a.lastOfKind || a.known.StorageVersion != a.Version {
		return nil
	}
	next := a.known.Versions[0]
	if next == a.Version {
		next = a.known.Versions[1]
	}
	to := a.kind
	to.Version, to.VersionDir = next, next
	if v := a.group.Version(next); v != nil && v.Dir != "" {
		to.VersionDir = v.Dir
	}
	return a.editAll(a.storageDir(), func(filename string, src []byte) ([]byte, error) {
		places, err := rewrite.StorageVersions(filename, src)
		if err != nil {
			return nil, err
		}
		for _, place := range places {
			if place.Package == a.versionPath() {
				a.moved = append(a.moved, fmt.Sprintf("%s:%d:%d: %s is stored in %s: name another version here, and have its objects written in that, or they cannot be read any more; --force names %s", a.within(filename), place.Line, place.Column, a.Kind, a.GroupVersion(), next))
			}
		}
		return rewrite.SetStorageVersion(filename, src, a.versionPath(), to.versionPath(), to.VersionAlias())
	})
}

func (a *typeRemoval) apiserver() error {
	if !a.lastOfGroup {
		return nil
	}
	if a.lastOfAll {
		if err := a.definitionsByHand(); err != nil {
			return err
		}
	}
	return a.editAll(apiserverDir, func(filename string, src []byte) ([]byte, error) {
		out := src
		if a.lastOfAll {
			var err error
			if out, err = rewrite.RemoveValue(filename, out, controlplanePath, "Groups", "OpenAPI"); err != nil {
				return nil, err
			}
			if out, err = rewrite.RemoveImport(filename, out, a.importPath(path.Join(project.GeneratedDir, "openapi"))); err != nil {
				return nil, err
			}
		}
		install, there, err := rewrite.ImportName(filename, out, a.installPath())
		if err != nil || !there {
			return out, err
		}
		if out, err = rewrite.RemoveGroup(filename, out, install+".Install"); err != nil {
			return nil, err
		}
		for _, imported := range []string{a.registryPath(), a.installPath()} {
			if out, err = rewrite.RemoveImport(filename, out, imported); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

func (a *typeRemoval) registry() error {
	if a.lastOfGroup {
		return a.deleteImporting(a.registryDir(), a.storagePath())
	}
	if err := a.storageByHand(); err != nil {
		return err
	}
	return a.editAll(a.registryDir(), func(filename string, src []byte) ([]byte, error) {
		name, there, err := rewrite.ImportName(filename, src, a.storagePath())
		if err != nil || !there {
			return src, err
		}
		out, err := rewrite.RemoveResourceStorage(filename, src, name, a.Version, a.Plural)
		if err != nil || !a.lastOfKind {
			return out, err
		}
		return rewrite.RemoveImport(filename, out, a.storagePath())
	})
}

// deleteImporting removes the files of a package that import another.
func (a *typeRemoval) deleteImporting(dir, imported string) error {
	p, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	for _, file := range p.files {
		_, there, err := rewrite.ImportName(file.name, file.src, imported)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if err := a.delete(file.name); err != nil {
			return err
		}
	}
	return nil
}

func (a *typeRemoval) storage() error {
	if !a.lastOfKind || a.known.RegistryPackage == "" {
		return nil
	}
	return a.deleteIn(a.storageDir(), "store.go", "strategy.go", "scale.go")
}

func (a *typeRemoval) deleteIn(dir string, names ...string) error {
	for _, name := range names {
		if err := a.delete(path.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (a *typeRemoval) install() error {
	if !a.lastOfVersion {
		return nil
	}
	if a.lastOfGroup {
		if err := a.deleteImporting(a.installDir(), a.versionPath()); err != nil {
			return err
		}
		return a.deleteIn(a.installDir(), "install_test.go")
	}
	return a.editAll(a.installDir(), func(filename string, src []byte) ([]byte, error) {
		name, there, err := rewrite.ImportName(filename, src, a.versionPath())
		if err != nil || !there {
			return src, err
		}
		out, err := rewrite.RemoveVersion(filename, src, name)
		if err != nil {
			return nil, err
		}
		return rewrite.RemoveImport(filename, out, a.versionPath())
	})
}

func (a *typeRemoval) version() error {
	if err := a.types(a.versionDir(), a.lastOfVersion); err != nil || !a.lastOfVersion {
		return err
	}
	return a.deleteIn(a.versionDir(), "doc.go", "defaults.go")
}

func (a *typeRemoval) internal() error {
	if !a.lastOfKind {
		return nil
	}
	if err := a.types(a.apiDir(), a.lastOfGroup); err != nil || !a.lastOfGroup {
		return err
	}
	return a.deleteIn(a.apiDir(), "doc.go")
}

// types takes the kind's types, and the functions that convert and default them, out of a package. With last the package
// registers nothing any more.
func (a *typeRemoval) types(dir string, last bool) error {
	if err := a.unregister(dir, last); err != nil {
		return err
	}
	p, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	whole, err := p.kindFile(a.Kind)
	if err != nil {
		return err
	}
	going := p.goingWith(a.Kind, whole)
	for _, file := range p.files {
		if file == whole {
			err = a.delete(file.name)
		} else {
			err = a.cutFrom(p, file, going)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unregister takes the kind out of the list of types that a package registers or, with last, the files that do.
func (a *typeRemoval) unregister(dir string, last bool) error {
	p, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	for _, file := range p.files {
		known, err := rewrite.KnownTypes(file.name, file.src)
		if err != nil {
			return err
		}
		if !slices.Contains(known, a.Kind) {
			continue
		}
		if last {
			err = a.delete(file.name)
		} else {
			var content []byte
			if content, err = rewrite.RemoveKnownTypes(a.onDisk(file.name), file.src, a.Kind, a.Kind+"List"); err == nil {
				err = a.write(file.name, content)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cutFrom takes declarations out of a file, and the file itself if it has no others.
func (a *typeRemoval) cutFrom(p *goPackage, file *goFile, going []*declaration) error {
	var out []byte
	var cut []*declaration
	at, stays := 0, false
	for _, d := range p.declarations() {
		switch {
		case d.file != file:
		case isAmong(d, going):
			out = append(out, file.src[at:d.start]...)
			at = d.end
			cut = append(cut, d)
		default:
			stays = true
		}
	}
	if len(cut) == 0 {
		return nil
	}
	a.cut = append(a.cut, cut...)
	if !stays {
		delete(a.changed, file.name)
		a.removed = append(a.removed, file.name)
		return nil
	}
	out = append(out, file.src[at:]...)
	for _, spec := range importsOf(cut) {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if out, err = rewrite.RemoveImport(a.onDisk(file.name), out, imported); err != nil {
			return err
		}
	}
	return a.write(file.name, out)
}
