package project

import (
	"cmp"
	"slices"
)

// Without returns the project as it is without a kind in a version, on which other versions of it, other kinds of the version and
// other groups do not depend. Where objects were stored in that version, they are in the first that is left.
func (p *Project) Without(group, version, kind string) *Project {
	left := &Project{Dir: p.Dir, Module: p.Module}
	for _, g := range p.Groups {
		if g.Name == group {
			g = g.without(version, kind)
		}
		if g.Name != group || len(g.Versions) > 0 {
			left.Groups = append(left.Groups, g)
		}
	}
	return left
}

func (g Group) without(version, kind string) Group {
	drop := func(from []string, name string) []string {
		return slices.DeleteFunc(slices.Clone(from), func(s string) bool { return s == name })
	}
	versions, kinds := g.Versions, g.Kinds
	g.Versions, g.Kinds = nil, nil
	for _, v := range versions {
		if v.Name == version {
			v.Kinds = drop(v.Kinds, kind)
		}
		if v.Name != version || len(v.Kinds) > 0 {
			g.Versions = append(g.Versions, v)
		}
	}
	for _, k := range kinds {
		if k.Resource.Kind == kind {
			k.Versions, k.served = drop(k.Versions, version), drop(k.served, version)
			if len(k.Versions) == 0 {
				continue
			}
			if k.StorageVersion == version {
				k.StorageVersion = k.Versions[0]
			}
			k.Resource.Version = cmp.Or(k.StorageVersion, k.Versions[0])
		}
		g.Kinds = append(g.Kinds, k)
	}
	return g
}
