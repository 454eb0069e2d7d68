package inventory

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// componentsDir holds what the project has of its own for a control plane, by what it is: pkg/components/scheduler/binpack.
const componentsDir = "pkg/components"

// Inventory is what a project is made of.
type Inventory struct {
	// Dir is the project's root, Module its module path.
	Dir    string `json:"dir"`
	Module string `json:"module"`
	// Types are the kinds of the project's own API, one for each version, by group, version and kind.
	Types []Type `json:"types"`
	// Builtin are resources of the built-in API that are served one by one, or because a component needs them; the whole of it is a
	// part, named kubernetes.
	Builtin []Builtin `json:"builtin"`
	// Parts are what main.go makes the control plane of, in its order; Components those of them that are the project's own.
	Parts      []Part      `json:"parts"`
	Components []Component `json:"components"`
}

// Type is a kind in a version.
type Type struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
	// Resource is the plural.
	Resource   string   `json:"resource"`
	ShortNames []string `json:"shortNames,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Namespaced bool     `json:"namespaced"`
	// StorageVersion is the version that objects are stored in; empty when the code does not say.
	StorageVersion string `json:"storageVersion,omitempty"`
	// Subresources are those that this version serves, such as status and scale.
	Subresources []string `json:"subresources,omitempty"`
	// Declared is where the Go type is.
	Declared *project.Place `json:"declared,omitempty"`
	// Wired is the line of the registry that serves it; none when the version does not.
	Wired *project.Place `json:"wired,omitempty"`
}

// Builtin is a resource of the built-in API.
type Builtin struct {
	Resource string        `json:"resource"`
	Group    string        `json:"group"`
	Wired    project.Place `json:"wired"`
	// NeededBy is the name of the component that has it served; empty of one that pkg/apiserver lists.
	NeededBy string `json:"neededBy,omitempty"`
}

// Part is a part of the control plane.
type Part struct {
	// Name is the package's, or the expression where that is of none.
	Name    string        `json:"name"`
	Package string        `json:"package,omitempty"`
	Wired   project.Place `json:"wired"`
	// Spread says that it is a list of parts, of which those that are found follow.
	Spread bool `json:"spread,omitempty"`
}

// Component is a part that is the project's own.
type Component struct {
	// Kind is what verbs call it, such as scheduler; of one that no verb adds, the name of the folder that it is in.
	Kind string `json:"kind"`
	// Name is what the package's constant Name says, or the package's own.
	Name string `json:"name"`
	// Dir is its folder, a slash path from the project's root.
	Dir   string        `json:"dir"`
	Wired project.Place `json:"wired"`
}

// Read returns what a project is made of.
func Read(p *project.Project) (*Inventory, error) {
	i := &Inventory{Dir: p.Dir, Module: p.Module, Types: []Type{}, Builtin: []Builtin{}, Parts: []Part{}, Components: []Component{}}
	for _, read := range []func(*project.Project) error{i.readTypes, i.readBuiltin, i.readParts, i.readNeeds} {
		if err := read(p); err != nil {
			return nil, err
		}
	}
	return i, nil
}

func (i *Inventory) readTypes(p *project.Project) error {
	types, err := p.ReadTypes()
	if err != nil {
		return err
	}
	for _, g := range p.Groups {
		for _, v := range g.Versions {
			for _, name := range v.Kinds {
				k := g.Kind(name)
				r := k.Resource
				t := Type{
					Group: g.Name, Version: v.Name, Kind: name, Resource: r.Plural, ShortNames: r.ShortNames, Categories: r.Categories,
					Namespaced: !r.ClusterScoped, StorageVersion: k.StorageVersion,
				}
				at := slices.IndexFunc(types, func(d project.Type) bool { return d.Group == g.Name && d.Version == v.Name && d.Kind == name })
				if at >= 0 {
					t.Declared = &types[at].Declared
					if types[at].Served.File != "" {
						t.Wired = &types[at].Served
					}
				}
				if t.Subresources, err = p.Subresources(&g, v.Name, r.Plural); err != nil {
					return err
				}
				i.Types = append(i.Types, t)
			}
		}
	}
	return nil
}

func (i *Inventory) readBuiltin(p *project.Project) error {
	elements, err := p.Elements()
	if err != nil {
		return err
	}
	i.addBuiltin(elements, "")
	return nil
}

func (i *Inventory) addBuiltin(elements []project.Element, neededBy string) {
	for _, e := range elements {
		for _, r := range builtin.Resources() {
			there := slices.ContainsFunc(i.Builtin, func(b Builtin) bool { return b.Resource == r.Name })
			if e.Package == path.Join(whole, r.Package()) && !there {
				i.Builtin = append(i.Builtin, Builtin{r.Name, r.Group, e.Place, neededBy})
			}
		}
	}
}

// whole is the package of the part that serves the whole built-in API; those of single resources are below it.
const whole = scaffold.KubecraftModule + "/runtime/kubernetes"

// readNeeds adds what components have served because they need it. The whole built-in API has all of it.
func (i *Inventory) readNeeds(p *project.Project) error {
	imported, err := p.Imports(".")
	if err != nil || slices.Contains(imported, whole) {
		return err
	}
	for _, c := range i.Components {
		elements, err := p.Needs(c.Dir)
		if err != nil {
			return err
		}
		i.addBuiltin(elements, c.Name)
	}
	return nil
}

func (i *Inventory) readParts(p *project.Project) error {
	parts, err := p.Parts()
	if err != nil {
		return err
	}
	for _, e := range parts {
		name := e.Text
		if e.Package != "" {
			name = path.Base(e.Package)
		}
		if e.Spread {
			name += "..."
		}
		i.Parts = append(i.Parts, Part{name, e.Package, e.Place, e.Spread})
		rest, own := strings.CutPrefix(e.Package, path.Join(p.Module, componentsDir)+"/")
		kind, _, ok := strings.Cut(rest, "/")
		if !own || !ok {
			continue
		}
		dir := path.Join(componentsDir, rest)
		for _, k := range scaffold.Kinds() {
			if k.Dir() == path.Dir(dir) {
				kind = k.Noun
			}
		}
		declared, err := p.Constant(dir, "Name")
		if err != nil {
			return err
		}
		i.Components = append(i.Components, Component{kind, cmp.Or(declared, path.Base(rest)), dir, e.Place})
	}
	return nil
}
