package scaffold

import (
	"golang.org/x/mod/module"

	"github.com/kubecraft/kubecraft/generator/project"
)

// Modules returns the modules that a project's go.mod requires, in the versions of this kubecraft, for what the project is made of.
func Modules(p *project.Project) ([]module.Version, error) {
	d := newDraft(p)
	has, err := d.wiring()
	if err != nil {
		return nil, err
	}
	var required []module.Version
	for _, c := range append(has.compositions(), ownComposition(p)) {
		file, err := c.module()
		if err != nil {
			return nil, err
		}
		for _, r := range file.Require {
			if r.Mod.Path != KubecraftModule {
				required = append(required, r.Mod)
			}
		}
	}
	return required, nil
}
