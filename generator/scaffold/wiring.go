package scaffold

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
)

// wiring is what a project's control plane is made of, beside its own types.
type wiring struct {
	// whole says that it serves the whole built-in API; resources are those of it that are served one by one.
	whole     bool
	resources []string
	// parts are names, in the order of allParts.
	parts []string
	// components are the project's own, by kind and name.
	components []ownComponent
}

// ownComponent is a component of a project's own and its kind.
type ownComponent struct {
	component.Component
	kind        Kind
	composition composition
}

// wiring returns what there is so far, by what the project's command imports. However it is made: with plugins of one's own a part is not
// the call that AddParts writes, and the list of parts may be put together anywhere.
func (a *draft) wiring() (has wiring, err error) {
	if has.resources, err = a.servedResources(); err != nil {
		return has, err
	}
	main, err := a.parsePackage(".")
	if err != nil {
		return has, err
	}
	has.whole = main.imports(builtinPackage)
	for _, part := range allParts() {
		if main.imports(part.importPath()) {
			has.parts = append(has.parts, part.name)
		}
	}
	for _, kind := range Kinds() {
		var found []ownComponent
		for imported := range main.importPaths() {
			if name, ok := strings.CutPrefix(imported, a.importPath(kind.dir)+"/"); ok {
				c, err := a.componentIn(kind, name)
				if err != nil {
					return has, err
				}
				v, err := a.variantIn(kind, name)
				if err != nil {
					return has, err
				}
				needs := kind.composition
				if v != nil {
					needs = cmp.Or(v.composition, needs)
				}
				found = append(found, ownComponent{c, kind, needs})
			}
		}
		slices.SortFunc(found, func(a, b ownComponent) int { return strings.Compare(a.Name, b.Name) })
		has.components = append(has.components, found...)
	}
	return has, nil
}

// compositions are what it needs of modules, beside what the project's types do.
func (w wiring) compositions() []composition {
	var all []composition
	if len(w.resources) > 0 {
		all = append(all, withResources)
	}
	if w.whole {
		all = append(all, withBuiltin)
	}
	if len(w.parts) > 0 {
		all = append(all, withParts)
	}
	for _, c := range w.components {
		if !slices.Contains(all, c.composition) {
			all = append(all, c.composition)
		}
	}
	return all
}

// onWhole is what of it cannot be without the whole built-in API.
func (w wiring) onWhole() wiring {
	return wiring{parts: w.parts, components: slices.DeleteFunc(slices.Clone(w.components), func(c ownComponent) bool { return !c.kind.needsWhole })}
}

// removal is the command that takes parts and components out.
func (w wiring) removal() string {
	var verbs []string
	if len(w.parts) > 0 {
		verbs = append(verbs, "kubecraft remove part "+strings.Join(w.parts, " "))
	}
	for _, c := range w.components {
		verbs = append(verbs, "kubecraft remove "+c.kind.Noun+" "+c.Name)
	}
	return strings.Join(verbs, " && ")
}

// names are those of parts and components.
func (w wiring) names() []string {
	names := slices.Clone(w.parts)
	for _, c := range w.components {
		names = append(names, c.Name)
	}
	return names
}

// of returns the components of a kind.
func (w wiring) of(kind Kind) []ownComponent {
	return slices.DeleteFunc(slices.Clone(w.components), func(c ownComponent) bool { return c.kind.Noun != kind.Noun })
}

// in returns the component of a kind that has a package, nil if none does.
func (w wiring) in(kind Kind, name string) *ownComponent {
	for _, c := range w.of(kind) {
		if c.Package == name {
			return &c
		}
	}
	return nil
}

// settleModules brings the modules from what the control plane was made of to what it is by now.
func (a *draft) settleModules(before wiring) (now wiring, err error) {
	if now, err = a.wiring(); err != nil {
		return now, err
	}
	leaving, staying := before.compositions(), now.compositions()
	leaving = slices.DeleteFunc(leaving, func(c composition) bool { return slices.Contains(staying, c) })
	return now, a.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		var err error
		if len(leaving) > 0 {
			mod, sum, err = withdrawModule(name, mod, sum, leaving, append(a.ownCompositions(), staying...), a.imports)
		}
		for _, c := range staying {
			if err == nil {
				mod, sum, err = updateModule(name, mod, sum, c)
			}
		}
		return mod, sum, err
	})
}

// ownCompositions are those of the project's own code, without anything of Kubernetes.
func (a *draft) ownCompositions() []composition {
	if len(a.project.Groups) == 0 {
		return []composition{withoutTypes}
	}
	return []composition{withoutTypes, withTypes, withScale}
}

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
