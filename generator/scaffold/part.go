package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"path"
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
// Those that are there stay as they are, but for modules that go.mod has not. Result.Changed has the names of the others.
func AddParts(p *project.Project, names []string) (*Result, error) {
	d := newDraft(p)
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	if !before.whole {
		need := "need"
		if len(names) == 1 {
			need = "needs"
		}
		return nil, fmt.Errorf("%s %s the whole built-in API, which the project does not serve: kubecraft add builtin --all first", builtin.Join(names), need)
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
	wired := len(result.Changed) > 0
	after, err := d.settleModules(before)
	if err != nil {
		return nil, err
	}
	result.Files, result.Before = d.changed, d.before
	if !wired {
		if len(d.changed) > 0 {
			result.Changed = []string{"the modules of " + builtin.Join(names)}
		}
		return result, nil
	}
	if !slices.Contains(after.parts, "scheduler") && len(after.of(Scheduler())) == 0 {
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
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for _, part := range allParts() {
		if !slices.Contains(before.parts, part.name) || !slices.Contains(names, part.name) {
			continue
		}
		if err := d.removePart(part.importPath(), part.constructor, "the part "+part.name, "add part"); err != nil {
			return nil, err
		}
		result.Changed = append(result.Changed, part.name)
	}
	if len(result.Changed) == 0 {
		return result, nil
	}
	_, err = d.settleModules(before)
	result.Files, result.Before = d.changed, d.before
	return result, err
}

// removePart takes what a verb has added out of the list of parts. The error says where it is if that is not as the verb writes it.
func (a *draft) removePart(importPath, function, what, verb string) error {
	err := a.editMain(withoutPart(importPath, function))
	missing := new(rewrite.NotFoundError)
	if !errors.As(err, &missing) {
		return err
	}
	main, err := a.parsePackage(".")
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %s is not %s.%s() in the call of controlplane.Main, as %s writes it: take this and the import of %q out by hand, then go mod tidy",
		main.firstUse(importPath), what, path.Base(importPath), function, verb, importPath)
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
