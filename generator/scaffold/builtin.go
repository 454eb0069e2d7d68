package scaffold

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

const (
	builtinPackage = KubecraftModule + "/runtime/kubernetes"
	builtinName    = "kubernetes"
)

// AddBuiltin returns the files that change when a project's control plane serves the whole built-in API of Kubernetes
// beside its own types: main.go, which lists the parts, and the modules. A project that does already gives a result
// without files.
func AddBuiltin(p *project.Project) (*Result, error) {
	d := newDraft(p)
	err := d.editMain(withImports([]imported{{builtinPackage, builtinName}}, func(filename string, src []byte, names []string) ([]byte, error) {
		return rewrite.AddPart(filename, src, names[0]+".All()")
	}))
	if err != nil {
		return nil, err
	}
	err = d.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		return updateModule(name, mod, sum, withBuiltin)
	})
	return &Result{Files: d.changed, Before: d.before}, err
}

// RemoveBuiltin undoes AddBuiltin, byte for byte in files that have not changed since.
func RemoveBuiltin(p *project.Project) (*Result, error) {
	d := newDraft(p)
	err := d.editMain(func(filename string, src []byte) ([]byte, error) {
		missing := &rewrite.NotFoundError{File: filename, Wanted: "part of the built-in API"}
		name, there, err := rewrite.ImportName(filename, src, builtinPackage)
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, missing
		}
		out, err := rewrite.RemovePart(filename, src, name+".All()")
		if err != nil {
			return nil, err
		}
		if bytes.Equal(out, src) {
			return nil, missing
		}
		return rewrite.RemoveImport(filename, out, builtinPackage)
	})
	if missing := new(rewrite.NotFoundError); errors.As(err, &missing) {
		return &Result{}, nil
	} else if err != nil {
		return nil, err
	}
	if err := d.editModule(withdrawModule); err != nil {
		return nil, err
	}
	return &Result{Files: d.changed, Before: d.before, Notes: []string{
		"go.mod and go.sum have lost what kubecraft had added for it: go mod tidy puts back what your own code needs of that",
	}}, nil
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
