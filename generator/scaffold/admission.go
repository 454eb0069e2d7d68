package scaffold

import (
	"slices"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
)

// plugin is what the templates of an admission plugin know. Of one for all types Kind is empty.
type plugin struct {
	ownPackage
	typed
}

// typed is the type that a component is for.
type typed struct{ kind }

// API is the name by which the component knows the group's internal package.
func (t typed) API() string {
	if isTakenName(t.GroupPackage) || slices.Contains([]string{"admission", "annotations", "maps", "owner", "plugin", "slices", "strings", "user", "want", "who"}, t.GroupPackage) {
		return t.GroupPackage + "api"
	}
	return t.GroupPackage
}

// APIImport is the import spec of that package.
func (t typed) APIImport() string {
	if t.API() != t.GroupPackage {
		return t.API() + ` "` + t.apiPath() + `"`
	}
	return `"` + t.apiPath() + `"`
}

// Admission changes and checks what is written: objects of all types, or of one of the project's.
func Admission() Kind {
	return Kind{
		Noun: "admission", article: "an",
		dir:         "pkg/components/admission",
		constructor: "Admission",
		composition: withAdmission,
		variants: func(p *project.Project) []variant {
			return append([]variant{admissionVariant(p, "", kind{})}, admissionVariants(p)...)
		},
	}
}

// admissionVariants are those for one type each, in each of its versions.
func admissionVariants(p *project.Project) []variant {
	var all []variant
	for _, g := range p.Groups {
		for _, k := range g.Kinds {
			for _, version := range k.Versions {
				of := kind{Resource: k.Resource, Module: p.Module, GroupPackage: g.Dir}
				of.Version = version
				all = append(all, admissionVariant(p, of.GroupVersion()+"/"+of.Kind, of))
			}
		}
	}
	return all
}

func admissionVariant(p *project.Project, name string, of kind) variant {
	return variant{
		name: name,
		templates: map[string]string{
			"admission.go":      "admission/admission.go.tmpl",
			"config.go":         "admission/config.go.tmpl",
			"config.yaml":       "admission/config.yaml.tmpl",
			"plugin.go":         "admission/plugin.go.tmpl",
			"admission_test.go": "admission/admission_test.go.tmpl",
		},
		data: func(c component.Component) any { return plugin{ownPackage{c, p.Module}, typed{of}} },
	}
}
