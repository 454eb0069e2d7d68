package cli

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

// What the server names by a path is found in the file, or what is nearest above it.
func TestNearest(t *testing.T) {
	const text = `kind: Node
metadata:
  labels: {a.b/c: x, a: y}
spec:
  taints:
  - {key: a}
  - key: b
    effect: Never
`
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]int{
		"kind":                  {1, 1},
		"metadata.labels":       {3, 3},
		"metadata.labels.a.b/c": {3, 12},
		"metadata.labels[a]":    {3, 22},
		"metadata.labels.none":  {3, 3},
		"spec.taints[1].effect": {8, 5},
		"spec.taints[1].value":  {7, 5},
		"spec.taints[7].key":    {5, 3},
		"status.capacity":       {1, 1},
		"":                      {1, 1},
	} {
		if at := nearest(document.Content[0], path); at.Line != want[0] || at.Column != want[1] {
			t.Errorf("%q is at %d:%d, want %v", path, at.Line, at.Column, want)
		}
	}
}
