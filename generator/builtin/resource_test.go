package builtin

import (
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"nodes": "nodes", "node": "nodes", "no": "nodes", "Node": "nodes", "nodes.v1.": "nodes",
		"po": "pods", "deployments.apps": "deployments", "deploy.v1.apps": "deployments", "Ingress": "ingresses",
		"events": "events", "events.events.k8s.io": "events", "hpa.autoscaling": "horizontalpodautoscalers",
	} {
		if r, err := Find(name); err != nil || r.Name != want {
			t.Errorf("%s is %q, want %s: %v", name, r.Name, want, err)
		}
	}
	for name, want := range map[string]string{
		"nodez": "did you mean nodes?", "deploymnets": "did you mean deployments?", "x": "lists them", "": "lists them",
		"pods.apps": `there is no built-in resource "pods.apps"`, "deployments.v1.": "no built-in resource",
		"tokenreviews": "--all",
	} {
		if r, err := Find(name); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s is %q, want an error with %q: %v", name, r.Name, want, err)
		}
	}
}

// Names lead to one resource, and references to resources that there are.
func TestResources(t *testing.T) {
	owner, all := map[string]string{}, Resources()
	for _, r := range all {
		for _, name := range r.names() {
			if other := owner[name]; other != "" {
				t.Errorf("%s is a name of %s and of %s", name, other, r.Name)
			}
			owner[name] = r.Name
		}
		for _, to := range r.RefersTo {
			if !slices.ContainsFunc(all, func(r Resource) bool { return r.Name == to }) {
				t.Errorf("%s refers to %s, which is none", r.Name, to)
			}
		}
	}
	for _, name := range wholeOnly() {
		if owner[name] != "" {
			t.Errorf("%s can be had alone", name)
		}
	}
}
