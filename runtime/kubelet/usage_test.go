package kubelet

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What a container uses is what kwok's objects say, the one of its pod first, or else annotations.
func TestUsage(t *testing.T) {
	const (
		ofPod = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: ResourceUsage
metadata: {name: a, namespace: space}
spec:
  usages:
  - usage: {cpu: {value: 3m}}
  - containers: [second]
    usage: {cpu: {value: 4m}, memory: {value: 5Mi}}
`
		ofSome = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterResourceUsage
metadata: {name: some}
spec:
  selector: {matchNamespaces: [space], matchNames: [b]}
  usages:
  - usage:
      cpu: {expression: 'Quantity(pod.metadata.annotations["load"])'}
      memory: {expression: 'Quantity("2Mi")'}
`
	)
	own := filepath.Join(t.TempDir(), "usage.yaml")
	if err := os.WriteFile(own, []byte(ofPod+"---\n"+ofSome), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		files       []string
		namespace   string
		pod         string
		container   string
		annotations map[string]string
		want        string
	}{
		"nothing said":   {nil, "space", "a", "first", nil, "cpu=1m memory=1Mi"},
		"annotations":    {nil, "space", "a", "first", map[string]string{usageAnnotation + "cpu": "250m", usageAnnotation + "memory": "nonsense"}, "cpu=250m memory=1Mi"},
		"of the pod":     {[]string{own}, "space", "a", "first", nil, "cpu=3m"},
		"of a container": {[]string{own}, "space", "a", "second", nil, "cpu=4m memory=5Mi"},
		"by expression":  {[]string{own}, "space", "b", "first", map[string]string{"load": "1500m"}, "cpu=1500m memory=2Mi"},
		"fails":          {[]string{own}, "space", "b", "first", nil, "memory=2Mi"},
		"not selected":   {[]string{own}, "other", "b", "first", nil, "cpu=1m memory=1Mi"},
		"kwok's own":     {[]string{filepath.Join(kwok(t), "kustomize", "metrics", "usage", "usage-from-annotation.yaml")}, "space", "a", "first", map[string]string{usageAnnotation + "cpu": "20m"}, "cpu=20m memory=1Mi"},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := load(test.files)
			if err != nil {
				t.Fatal(err)
			}
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: test.namespace, Name: test.pod, Annotations: test.annotations}}
			usage := all.usages.of(t.Context(), &corev1.Node{}, pod, &corev1.Container{Name: test.container})
			var got []string
			for _, name := range slices.Sorted(maps.Keys(usage)) {
				q := usage[name]
				got = append(got, string(name)+"="+q.String())
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("%s, not %s", got, test.want)
			}
		})
	}
}

// What is wrong with a Metric is said before anybody asks for it.
func TestBadMetrics(t *testing.T) {
	for name, test := range map[string]struct{ path, metric, want string }{
		"path":       {"/stats", "{name: a, dimension: node, kind: gauge, value: '1'}", `spec.path "/stats" does not start with /metrics/`},
		"pattern":    {"/metrics/{", "{name: a, dimension: node, kind: gauge, value: '1'}", "spec.path /metrics/{: "},
		"taken":      {"/metrics/{other}", "{name: a, dimension: node, kind: gauge, value: '1'}", `conflicts with pattern "GET /metrics/{node}": `},
		"expression": {"/metrics/a", "{name: a, dimension: node, kind: gauge, value: 'node.('}", "spec.metrics[0] a: value: "},
		"kind":       {"/metrics/a", "{name: a, dimension: node, kind: guage, value: '1'}", `spec.metrics[0] a: kind "guage" is none of counter, gauge and histogram`},
		"dimension":  {"/metrics/a", "{name: a, dimension: nodes, kind: gauge, value: '1'}", `spec.metrics[0] a: dimension "nodes" is none of node, pod and container`},
		"label":      {"/metrics/a", "{name: a, dimension: node, kind: gauge, value: '1', labels: [{name: l, value: 'nobody'}]}", "spec.metrics[0] a: label l: "},
	} {
		t.Run(name, func(t *testing.T) {
			all := &simulation{stages: stages{}}
			const of = "apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Metric\nmetadata: {name: %s}\nspec:\n  path: %q\n  metrics:\n  - %s\n"
			text := fmt.Sprintf(of, "first", "/metrics/{node}", "{name: b, dimension: node, kind: gauge, value: '1'}") + "---\n" + fmt.Sprintf(of, "second", test.path, test.metric)
			if err := all.add("file.yaml", []byte(text)); err != nil {
				t.Fatal(err)
			}
			_, err := newScrapes(all.metrics, &measured{})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "file.yaml:9: Metric second: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is\n%v\nwithout\n%s", err, test.want)
			}
		})
	}
}
