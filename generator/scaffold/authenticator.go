package scaffold

import (
	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
)

// ownPackage is what the templates of a component know.
type ownPackage struct {
	component.Component
	// Module is the project's module path.
	Module string
}

// dataOf returns what the templates of a component know that has to do with no type.
func dataOf(p *project.Project) func(component.Component) any {
	return func(c component.Component) any { return ownPackage{c, p.Module} }
}

// Authenticator says who a request is from, by tokens whose hashes are in a file, or by those of an OpenID Connect issuer.
func Authenticator() Kind {
	return Kind{
		Noun: "authenticator", article: "an",
		dir:         "pkg/components/authentication",
		constructor: "Authenticator",
		composition: withTokens,
		variants: func(p *project.Project) []variant {
			return []variant{{
				name: "token-file",
				is:   imports("golang.org/x/crypto/bcrypt"),
				templates: map[string]string{
					"authenticator.go":      "authenticator/tokens/authenticator.go.tmpl",
					"users.go":              "authenticator/tokens/users.go.tmpl",
					"newtoken.go":           "authenticator/tokens/newtoken.go.tmpl",
					"authenticator_test.go": "authenticator/tokens/authenticator_test.go.tmpl",
				},
				data: dataOf(p),
			}, {
				name: "oidc", composition: withOIDC,
				is: imports("k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"),
				templates: map[string]string{
					"authenticator.go":      "authenticator/oidc/authenticator.go.tmpl",
					"config.yaml":           "authenticator/oidc/config.yaml.tmpl",
					"authenticator_test.go": "authenticator/oidc/authenticator_test.go.tmpl",
				},
				data: dataOf(p),
			}}
		},
	}
}

// imports recognizes a form by what its package imports.
func imports(path string) func(*goPackage) bool {
	return func(p *goPackage) bool { return p.imports(path) }
}
