package scaffold

import (
	"fmt"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

const (
	builtinPackage     = KubecraftModule + "/runtime/kubernetes"
	builtinName        = "kubernetes"
	builtinConstructor = "All"
)

// AddBuiltin returns the files that change when a project's control plane serves the whole built-in API of Kubernetes
// beside its own types: main.go, which lists the parts, and the modules. It takes the place of resources that were served
// one by one; what is stored of them stays. A project that does already gives a result without files.
func AddBuiltin(p *project.Project) (*Result, error) {
	d := newDraft(p)
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	single, _, err := d.withoutResources(builtin.Resources())
	if err != nil {
		return nil, err
	}
	var notes []string
	if len(single) > 0 {
		notes = append(notes, fmt.Sprintf("%s, which were served one by one, come with it", builtin.Join(names(single))))
	}
	if !before.whole {
		err = d.editMain(withImports([]imported{{builtinPackage, builtinName}}, func(filename string, src []byte, names []string) ([]byte, error) {
			return rewrite.AddPart(filename, src, names[0]+"."+builtinConstructor+"()")
		}))
		if err != nil {
			return nil, err
		}
	}
	_, err = d.settleModules(before)
	return &Result{Files: d.changed, Before: d.before, Notes: notes}, err
}

// RemoveBuiltin undoes AddBuiltin, or AddBuiltinResources for all that are there, byte for byte in files that have not
// changed since.
func RemoveBuiltin(p *project.Project) (*Result, error) {
	d := newDraft(p)
	before, err := d.wiring()
	if err != nil {
		return nil, err
	}
	if on := before.onWhole(); len(on.names()) > 0 {
		return nil, fmt.Errorf("the built-in API is needed by the project's %s: %s first", builtin.Join(on.names()), on.removal())
	}
	if before.whole {
		if err := d.removePart(builtinPackage, builtinConstructor, "the built-in API", "add builtin --all"); err != nil {
			return nil, err
		}
	}
	if _, _, err := d.withoutResources(builtin.Resources()); err != nil {
		return nil, err
	}
	return d.settled(before)
}

// settled is the result of taking some of the built-in API out.
func (a *draft) settled(before wiring) (*Result, error) {
	now, err := a.settleModules(before)
	if err != nil {
		return nil, err
	}
	result := &Result{Files: a.changed, Before: a.before}
	if has := func(w wiring) bool { return w.whole || len(w.resources) > 0 }; has(before) && !has(now) {
		result.Notes = append(result.Notes, "go.mod and go.sum have lost what kubecraft had added for it: go mod tidy puts back what your own code needs of that")
	}
	return result, nil
}

// editMain edits the file of the project's command that has the place for it, usually main.go.
func (a *draft) editMain(edit editFunc) error {
	main, err := a.parsePackage(".")
	if err != nil {
		return err
	}
	if len(main.files) == 0 {
		return fmt.Errorf("%s: there is no main.go, which lists the parts of the control plane", a.project.Dir)
	}
	return a.editPlace(main, "main.go", nil, edit)
}
