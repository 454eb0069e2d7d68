package scaffold

import (
	"path"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
)

// ownComposition is that of a project's own types.
func ownComposition(p *project.Project) composition {
	if len(p.Groups) == 0 {
		return withoutTypes
	}
	for _, g := range p.Groups {
		for _, k := range g.Kinds {
			if k.Resource.Scale {
				return withScale
			}
		}
	}
	return withTypes
}

// module takes out what only the types needed that have gone.
func (rm *removal) module() error {
	before, now := ownComposition(rm.project), ownComposition(rm.left)
	if before == now {
		return nil
	}
	has, err := rm.wiring()
	if err != nil {
		return err
	}
	staying := append(has.compositions(), withoutTypes, now)
	// Generated code is made anew.
	own := rm.copy()
	err = own.eachGoFile(func(file string, _ []byte) error {
		if isGenerated(file) {
			own.removed = append(own.removed, file)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return rm.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		return withdrawModule(name, mod, sum, []composition{withTypes, before}, staying, own.imports)
	})
}

// isGenerated says whether a file of a project is one that generators write.
func isGenerated(file string) bool {
	return strings.HasPrefix(path.Base(file), "zz_generated.") || strings.HasPrefix(file, generatedDir+"/")
}

// generatedDir holds the generated packages.
const generatedDir = "pkg/generated"
