package scaffold

import "github.com/kubecraft/kubecraft/generator/project"

// Authorizer says what a user may do, by rules in a file.
func Authorizer() Kind {
	return Kind{
		Noun: "authorizer", article: "an",
		dir:         "pkg/components/authorization",
		constructor: "Authorizer",
		composition: withAuthorizers,
		variants: func(p *project.Project) []variant {
			return []variant{{
				templates: map[string]string{
					"authorizer.go":      "authorizer/authorizer.go.tmpl",
					"rules.go":           "authorizer/rules.go.tmpl",
					"rules.yaml":         "authorizer/rules.yaml.tmpl",
					"authorizer_test.go": "authorizer/authorizer_test.go.tmpl",
				},
				data: dataOf(p),
			}}
		},
	}
}
