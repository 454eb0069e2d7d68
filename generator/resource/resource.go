package resource

import "strings"

// Resource is a kind in one version of a group, with what the API server publishes about it.
type Resource struct {
	// Group is the API group, with or without dots: "example", "batch.example.com".
	Group string
	// Version is an API version such as "v1" or "v2beta1".
	Version string
	// Kind is the type's name in CamelCase.
	Kind string
	// Plural is the resource's name in URLs. Complete derives it from Kind when empty.
	Plural string
	// Singular is the name that kubectl takes for one object. Complete derives it from Kind when empty.
	Singular string
	// ShortNames are abbreviations that kubectl takes in place of Plural.
	ShortNames []string
	// Categories are the groups of resources, such as "all", that kubectl lists together.
	Categories []string
	// ClusterScoped says that objects live outside namespaces.
	ClusterScoped bool
	// NoStatus leaves out the status subresource.
	NoStatus bool
	// Scale adds the scale subresource.
	Scale bool
}

// Complete derives the plural and the singular from the kind where they are empty.
func (r *Resource) Complete() {
	if r.Plural == "" {
		r.Plural = Pluralize(r.Kind)
	}
	if r.Singular == "" {
		r.Singular = strings.ToLower(r.Kind)
	}
}

// GroupVersion returns "group/version".
func (r Resource) GroupVersion() string { return r.Group + "/" + r.Version }

// HasStatus says whether the status subresource is served.
func (r Resource) HasStatus() bool { return !r.NoStatus }
