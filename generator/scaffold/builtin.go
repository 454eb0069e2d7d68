package scaffold

import (
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
		name, there, err := rewrite.ImportName(filename, src, builtinPackage)
		if err != nil || !there {
			return src, err
		}
		out, err := rewrite.RemovePart(filename, src, name+".All()")
		if err != nil {
			return nil, err
		}
		return rewrite.RemoveImport(filename, out, builtinPackage)
	})
	if err != nil {
		return nil, err
	}
	return &Result{Files: d.changed, Before: d.before}, d.editModule(withdrawModule)
}

// editMain edits the file of the project's command that has the call of controlplane.Main, usually main.go. A change to no
// file is no error if one of them has the call.
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
