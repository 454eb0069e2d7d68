package project

import "github.com/kubecraft/kubecraft/generator/resource"

// Project is a kubecraft project on disk.
type Project struct {
	// Dir is the folder that holds go.mod: absolute, symbolic links resolved.
	Dir string
	// Module is the module path.
	Module string
	// Groups are the API groups under pkg/apis, by name.
	Groups []Group
}

// Group is an API group of a project.
type Group struct {
	// Name is the full group name: "batch.example.com".
	Name string
	// Dir is the folder's name under pkg/apis and pkg/registry, and the Go package's: "batch".
	Dir string
	// Versions are the external versions, the most stable and newest first.
	Versions []Version
	// Kinds are the kinds of all versions, by name.
	Kinds []Kind
}

// Version is an external version of a group.
type Version struct {
	// Name is the API version: "v1beta1".
	Name string
	// Dir is the folder's name under the group's; it may differ from Name only if the user has renamed it.
	Dir string
	// Kinds are the names of the kinds that the version has, sorted.
	Kinds []string
}

// Kind is a kind that is served.
type Kind struct {
	// Resource is the kind as the code describes it. Its Version is StorageVersion, or the first of Versions.
	Resource resource.Resource
	// Versions are the names of the versions that have the kind, in the order of Group.Versions.
	Versions []string
	// StorageVersion is the version in which objects are stored; empty when the code does not say.
	StorageVersion string
	// RegistryPackage is the folder's name under pkg/registry/<group>; empty when the kind has no storage.
	RegistryPackage string

	// served are the versions in which the group's store.go serves the kind.
	served []string
}

// Group returns the group of that full name, or nil.
func (p *Project) Group(name string) *Group {
	for i := range p.Groups {
		if p.Groups[i].Name == name {
			return &p.Groups[i]
		}
	}
	return nil
}

// Version returns the version of that name, or nil. A nil group has none.
func (g *Group) Version(name string) *Version {
	if g == nil {
		return nil
	}
	for i := range g.Versions {
		if g.Versions[i].Name == name {
			return &g.Versions[i]
		}
	}
	return nil
}

// Kind returns the kind of that name, or nil. A nil group has none.
func (g *Group) Kind(name string) *Kind {
	if g == nil {
		return nil
	}
	for i := range g.Kinds {
		if g.Kinds[i].Resource.Kind == name {
			return &g.Kinds[i]
		}
	}
	return nil
}
