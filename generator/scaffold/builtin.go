package scaffold

import (
	"errors"
	"fmt"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

const (
	builtinPackage = KubecraftModule + "/runtime/kubernetes"
	builtinName    = "kubernetes"
)

// AddBuiltin returns the files that change when a project's control plane serves the whole built-in API of Kubernetes
// beside its own types: main.go, which lists the parts, and the modules. It takes the place of resources that were served
// one by one; what is stored of them stays. A project that does already gives a result without files.
func AddBuiltin(p *project.Project) (*Result, error) {
	d := newDraft(p)
	_, single, err := d.withoutResources(builtin.Resources())
	if err != nil {
		return nil, err
	}
	var notes []string
	if len(single) > 0 {
		notes = append(notes, fmt.Sprintf("%s, which were served one by one, come with it", builtin.Join(names(single))))
	}
	err = d.editMain(withImports([]imported{{builtinPackage, builtinName}}, func(filename string, src []byte, names []string) ([]byte, error) {
		return rewrite.AddPart(filename, src, names[0]+".All()")
	}))
	if err != nil {
		return nil, err
	}
	err = d.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		return updateModule(name, mod, sum, withBuiltin)
	})
	return &Result{Files: d.changed, Before: d.before, Notes: notes}, err
}

// RemoveBuiltin undoes AddBuiltin, or AddBuiltinResources for all that are there, byte for byte in files that have not
// changed since.
func RemoveBuiltin(p *project.Project) (*Result, error) {
	d := newDraft(p)
	has, err := d.cluster()
	if err != nil {
		return nil, err
	}
	if all := has.names(); len(all) > 0 {
		return nil, fmt.Errorf("the built-in API is needed by the project's %s: %s first", builtin.Join(all), has.removal())
	}
	err = d.editMain(withoutWhole())
	if missing := new(rewrite.NotFoundError); errors.As(err, &missing) {
		result, _, err := d.withoutResources(builtin.Resources())
		return result, err
	} else if err != nil {
		return nil, err
	}
	if _, _, err := d.withoutResources(builtin.Resources()); err != nil {
		return nil, err
	}
	return d.withoutModules()
}

// withoutModules takes out the modules of the built-in API, in whatever form it was there.
func (a *draft) withoutModules() (*Result, error) {
	err := a.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		return withdrawModule(name, mod, sum, []composition{withBuiltin, withResources}, a.ownCompositions(), a.imports)
	})
	if err != nil {
		return nil, err
	}
	return &Result{Files: a.changed, Before: a.before, Notes: []string{
		"go.mod and go.sum have lost what kubecraft had added for it: go mod tidy puts back what your own code needs of that",
	}}, nil
}

// withoutWhole takes the whole built-in API out of the parts of a control plane.
func withoutWhole() editFunc { return withoutPart(builtinPackage, "All") }

// hasWhole says whether the project serves the whole built-in API.
func (a *draft) hasWhole() (bool, error) {
	main, err := a.parsePackage(".")
	if err != nil {
		return false, err
	}
	for _, file := range main.files {
		_, err := withoutWhole()(a.onDisk(file.name), file.src)
		if missing := new(rewrite.NotFoundError); errors.As(err, &missing) {
			continue
		}
		return err == nil, err
	}
	return false, nil
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
