package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/component"
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

// cluster is what makes a cluster of a project's API server.
type cluster struct {
	// parts are names, in the order of allParts.
	parts []string
	// schedulers are those of the project's own, by name.
	schedulers []component.Component
}

// composition is what the project needs of modules, given that it serves the whole built-in API.
func (c cluster) composition() composition {
	switch {
	case len(c.schedulers) > 0:
		return withSchedulers
	case len(c.parts) > 0:
		return withParts
	}
	return withBuiltin
}

// removal is the command that takes it all out.
func (c cluster) removal() string {
	var verbs []string
	if len(c.parts) > 0 {
		verbs = append(verbs, "kubecraft remove part "+strings.Join(c.parts, " "))
	}
	for _, scheduler := range c.schedulers {
		verbs = append(verbs, "kubecraft remove scheduler "+scheduler.Name)
	}
	return strings.Join(verbs, " && ")
}

// names are those of all of it.
func (c cluster) names() []string {
	names := slices.Clone(c.parts)
	for _, scheduler := range c.schedulers {
		names = append(names, scheduler.Name)
	}
	return names
}

// scheduler returns the scheduler that has a package, nil if none does.
func (c cluster) scheduler(name string) *component.Component {
	for _, scheduler := range c.schedulers {
		if scheduler.Package == name {
			return &scheduler
		}
	}
	return nil
}

// cluster returns what the project's control plane has of it so far. However it is made: with plugins of one's own a part is not the call
// that AddParts writes.
func (a *draft) cluster() (cluster, error) {
	main, err := a.parsePackage(".")
	if err != nil {
		return cluster{}, err
	}
	imports := map[string]bool{}
	for _, file := range main.files {
		for _, spec := range file.Imports {
			imports[strings.Trim(spec.Path.Value, "`\"")] = true
		}
	}
	var has cluster
	for _, part := range allParts() {
		if imports[part.importPath()] {
			has.parts = append(has.parts, part.name)
		}
	}
	for imported := range imports {
		if name, ok := strings.CutPrefix(imported, a.importPath(schedulersDir)+"/"); ok {
			scheduler, err := a.schedulerIn(name)
			if err != nil {
				return cluster{}, err
			}
			has.schedulers = append(has.schedulers, scheduler)
		}
	}
	slices.SortFunc(has.schedulers, func(a, b component.Component) int { return strings.Compare(a.Name, b.Name) })
	return has, nil
}

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
	before, err := d.cluster()
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for _, part := range allParts() {
		if !slices.Contains(names, part.name) || slices.Contains(before.parts, part.name) {
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
	after, err := d.editModulesOf(before)
	if err != nil {
		return nil, err
	}
	result.Files, result.Before = d.changed, d.before
	if !slices.Contains(after.parts, "scheduler") && len(after.schedulers) == 0 {
		result.Notes = append(result.Notes, "pods stay Pending until there is a scheduler: kubecraft add part scheduler")
	}
	if slices.Contains(after.parts, "kubelet") && !slices.Contains(after.parts, "controllers") {
		result.Notes = append(result.Notes, "new nodes stay tainted as not ready, and take no pods, until a controller sees that they are: kubecraft add part controllers")
	}
	return result, nil
}

// RemoveParts undoes AddParts, byte for byte in files that have not changed since.
func RemoveParts(p *project.Project, names []string) (*Result, error) {
	d := newDraft(p)
	before, err := d.cluster()
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for _, part := range allParts() {
		if !slices.Contains(before.parts, part.name) || !slices.Contains(names, part.name) {
			continue
		}
		err := d.editMain(withoutPart(part.importPath(), part.constructor))
		if missing := new(rewrite.NotFoundError); errors.As(err, &missing) {
			return nil, fmt.Errorf("%s: the part %s is not made by %s there, as add part writes it: take it out by hand", missing.File, part.name, part.call(part.name))
		} else if err != nil {
			return nil, err
		}
		result.Changed = append(result.Changed, part.name)
	}
	if len(result.Changed) == 0 {
		return result, nil
	}
	_, err = d.editModulesOf(before)
	result.Files, result.Before = d.changed, d.before
	return result, err
}

// withoutPart takes a part out of the list of parts: a call of a function without arguments.
func withoutPart(importPath, function string) editFunc {
	return func(filename string, src []byte) ([]byte, error) {
		missing := &rewrite.NotFoundError{File: filename, Wanted: "part " + path.Base(importPath) + "." + function + "()"}
		name, there, err := rewrite.ImportName(filename, src, importPath)
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, missing
		}
		out, err := rewrite.RemovePart(filename, src, name+"."+function+"()")
		if err != nil {
			return nil, err
		}
		if bytes.Equal(out, src) {
			return nil, missing
		}
		return rewrite.RemoveImport(filename, out, importPath)
	}
}

// editModulesOf brings the modules to what the cluster is by now.
func (a *draft) editModulesOf(before cluster) (now cluster, err error) {
	if now, err = a.cluster(); err != nil {
		return now, err
	}
	return now, a.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		to := now.composition()
		mod, sum, err := withdrawModule(name, mod, sum, []composition{before.composition()}, append(a.ownCompositions(), to), a.imports)
		if err != nil {
			return nil, nil, err
		}
		return updateModule(name, mod, sum, to)
	})
}

// ownCompositions are those of the project's own code, without anything of Kubernetes.
func (a *draft) ownCompositions() []composition {
	if len(a.project.Groups) == 0 {
		return []composition{withoutTypes}
	}
	return []composition{withoutTypes, withTypes, withScale}
}
