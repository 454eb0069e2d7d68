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
		return nil, fmt.Errorf("there is no type %s: the project has none yet: kubecraft add type %s", t.Words(), t.Words())
	}
	g := p.Group(t.Group)
	k := g.Kind(t.Kind)
	if k != nil && slices.Contains(k.Versions, t.Version) {
		return k, nil
	}
	there := p.Types()
	if v := g.Version(t.Version); v != nil && len(v.Kinds) > 0 {
		there = g.typesIn(v)
	}
	var names []string
	for _, t := range there {
		names = append(names, t.Words())
	}
	return nil, fmt.Errorf("there is no type %s: there is %s", t.Words(), strings.Join(names, ", "))
}

// Types returns every kind in every version.
func (p *Project) Types() []resource.Type {
	var all []resource.Type
	for _, g := range p.Groups {
		for _, v := range g.Versions {
			all = append(all, g.typesIn(&v)...)
		}
	}
	return all
}

func (g *Group) typesIn(v *Version) []resource.Type {
	var all []resource.Type
	for _, kind := range v.Kinds {
		all = append(all, resource.Type{Group: g.Name, Version: v.Name, Kind: kind})
	}
	return all
}
