package scaffold

import (
	"slices"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
)

// Kubelet is a node of the project's own, whose pods run Go functions.
func Kubelet() Kind {
	return Kind{
		Noun: "kubelet", article: "a",
		dir:         "pkg/components/kubelet",
		constructor: "Kubelet",
		composition: withKubelets,
		needsWhole:  true,
		variants: func(*project.Project) []variant {
			return []variant{{
				templates: map[string]string{
					"kubelet.go":      "kubelet/kubelet.go.tmpl",
					"images.go":       "kubelet/images.go.tmpl",
					"kubelet_test.go": "kubelet/kubelet_test.go.tmpl",
				},
				data: func(c component.Component) any { return c },
			}}
		},
		without: func(has wiring) string {
			if slices.Contains(has.parts, "controllers") {
				return ""
			}
			return "a new node takes no pods until a controller has seen that it is ready: kubecraft add part controllers"
		},
	}
}
