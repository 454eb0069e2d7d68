package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/resource"
)

// Find returns the kind that t names. The error of one that is not there says which are.
func (p *Project) Find(t resource.Type) (*Kind, error) {
	if len(p.Groups) == 0 {
		return nil, fmt.Errorf("there is no type %s %s: the project has none yet: kubecraft add type %s %s", t.GroupVersion(), t.Kind, t.GroupVersion(), t.Kind)
	}
	g := p.Group(t.Group)
	k := g.Kind(t.Kind)
	if k != nil && slices.Contains(k.Versions, t.Version) {
		return k, nil
	}
	there := p.types()
	if v := g.Version(t.Version); v != nil && len(v.Kinds) > 0 {
		there = g.typesIn(t.Version)
	}
	return nil, fmt.Errorf("there is no type %s %s: there is %s", t.GroupVersion(), t.Kind, strings.Join(there, ", "))
}

// Types returns the names of all types in the form that is one word.
func (p *Project) Types() []string {
	var names []string
	for _, g := range p.Groups {
		for _, v := range g.Versions {
			for _, kind := range v.Kinds {
				names = append(names, resource.Type{Group: g.Name, Version: v.Name, Kind: kind}.String())
			}
		}
	}
	return names
}

func (p *Project) types() []string {
	var names []string
	for _, g := range p.Groups {
		for _, v := range g.Versions {
			names = append(names, g.typesIn(v.Name)...)
		}
	}
	return names
}

func (g *Group) typesIn(version string) []string {
	var names []string
	for _, kind := range g.Version(version).Kinds {
		names = append(names, g.Name+"/"+version+" "+kind)
	}
	return names
}
