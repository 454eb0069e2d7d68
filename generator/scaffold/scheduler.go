package scaffold

import (
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
)

// Scheduler is kube-scheduler under a name of the project's own: a Filter and a Score plugin, their configuration and their test.
func Scheduler() Kind {
	return Kind{
		Noun: "scheduler", article: "a",
		dir:         "pkg/components/scheduler",
		constructor: "Scheduler",
		composition: withSchedulers,
		needsWhole:  true,
		variants: func(*project.Project) []variant {
			return []variant{{
				templates: map[string]string{
					"scheduler.go":      "scheduler/scheduler.go.tmpl",
					"filter.go":         "scheduler/filter.go.tmpl",
					"score.go":          "scheduler/score.go.tmpl",
					"config.yaml":       "scheduler/config.yaml.tmpl",
					"scheduler_test.go": "scheduler/scheduler_test.go.tmpl",
				},
				data: func(c component.Component) any { return c },
			}}
		},
		without: func(has wiring) string {
			var missing []string
			for _, part := range []string{"controllers", "kubelet"} {
				if !slices.Contains(has.parts, part) {
					missing = append(missing, part)
				}
			}
			if len(missing) == 0 {
				return ""
			}
			return "for pods to run the cluster needs controllers and nodes too: kubecraft add part " + strings.Join(missing, " ")
		},
	}
}
