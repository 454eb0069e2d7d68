package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// part is a part of a control plane that makes a cluster of an API server.
type part struct {
	name        string
	constructor string // in the package of that name
}

// allParts are in the order in which a pod meets them.
func allParts() []part {
	return []part{{"controllers", "All"}, {"scheduler", "Default"}, {"kubelet", "Simulated"}}
}

// Parts returns the names of the parts that AddParts knows.
func Parts() []string {
	var names []string
	for _, p := range allParts() {
		names = append(names, p.name)
	}
	return names
}

func (p part) importPath() string { return KubecraftModule + "/runtime/" + p.name }

func (p part) call(name string) string { return name + "." + p.constructor + "()" }

// AddParts returns the files that change when parts are added to a project's control plane: main.go, which lists them, and the modules.
// Those that are there stay as they are. Result.Changed has the names of the others.
func AddParts(p *project.Project, names []string) (*Result, error) {
	d := newDraft(p)
	whole, err := d.hasWhole()
	if err != nil {
		return nil, err
	}
	if !whole {
		return nil, fmt.Errorf("%s need the whole built-in API, which the project does not serve: kubecraft add builtin --all first", builtin.Join(names))
	}
	there, err := d.parts()
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for _, part := range allParts() {
		if !slices.Contains(names, part.name) || slices.Contains(there, part.name) {
			continue
		}
		err := d.editMain(withImports([]imported{{part.importPath(), part.name}}, func(filename string, src []byte, names []string) ([]byte, error) {
			return rewrite.AddPart(filename, src, part.call(names[0]))
		}))
		if err != nil {
			return nil, err
		}
		result.Changed = append(result.Changed, part.name)
	}
	if len(result.Changed) == 0 {
		return result, nil
	}
	err = d.editModule(d.replaceModules(withBuiltin, withParts))
	result.Files, result.Before = d.changed, d.before
	has := append(there, names...)
	if !slices.Contains(has, "scheduler") {
		result.Notes = append(result.Notes, "pods stay Pending until there is a scheduler: kubecraft add part scheduler")
	}
	if slices.Contains(has, "kubelet") && !slices.Contains(has, "controllers") {
		result.Notes = append(result.Notes, "new nodes stay tainted as not ready, and take no pods, until a controller sees that they are: kubecraft add part controllers")
	}
	return result, err
}

// RemoveParts undoes AddParts, byte for byte in files that have not changed since.
func RemoveParts(p *project.Project, names []string) (*Result, error) {
	d := newDraft(p)
	there, err := d.parts()
	if err != nil {
		return nil, err
	}
	result := &Result{}
	left := 0
	for _, part := range allParts() {
		switch {
		case !slices.Contains(there, part.name):
			continue
		case !slices.Contains(names, part.name):
			left++
			continue
		}
		err := d.editMain(part.without)
		if missing := new(rewrite.NotFoundError); errors.As(err, &missing) {
			return nil, fmt.Errorf("%s: the part %s is not made by %s there, as add part writes it: take it out by hand", missing.File, part.name, part.call(part.name))
		} else if err != nil {
			return nil, err
		}
		result.Changed = append(result.Changed, part.name)
	}
	if len(result.Changed) > 0 && left == 0 {
		err = d.editModule(d.replaceModules(withParts, withBuiltin))
	}
	result.Files, result.Before = d.changed, d.before
	return result, err
}

// parts returns the names of the parts that are in the project's control plane, in the order of allParts.
func (a *draft) parts() ([]string, error) {
	main, err := a.parsePackage(".")
	if err != nil {
		return nil, err
	}
	var there []string
	for _, part := range allParts() {
		for _, file := range main.files {
			// However it is made: with plugins of one's own it is not the call that AddParts writes.
			_, imported, err := rewrite.ImportName(a.onDisk(file.name), file.src, part.importPath())
			if err != nil {
				return nil, err
			}
			if imported {
				there = append(there, part.name)
				break
			}
		}
	}
	return there, nil
}

// without takes a part out of the list of parts.
func (p part) without(filename string, src []byte) ([]byte, error) {
	missing := &rewrite.NotFoundError{File: filename, Wanted: "part " + p.call(p.name)}
	name, there, err := rewrite.ImportName(filename, src, p.importPath())
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, missing
	}
	out, err := rewrite.RemovePart(filename, src, p.call(name))
	if err != nil {
		return nil, err
	}
	if bytes.Equal(out, src) {
		return nil, missing
	}
	return rewrite.RemoveImport(filename, out, p.importPath())
}

// replaceModules brings the modules from one composition to another, which needs most of the same.
func (a *draft) replaceModules(from, to composition) func(name string, mod, sum []byte) ([]byte, []byte, error) {
	return func(name string, mod, sum []byte) ([]byte, []byte, error) {
		mod, sum, err := withdrawModule(name, mod, sum, []composition{from}, append(a.ownCompositions(), to))
		if err != nil {
			return nil, nil, err
		}
		return updateModule(name, mod, sum, to)
	}
}

// ownCompositions are those of the project's own code, without anything of Kubernetes.
func (a *draft) ownCompositions() []composition {
	if len(a.project.Groups) == 0 {
		return []composition{withoutTypes}
	}
	return []composition{withoutTypes, withTypes, withScale}
}
