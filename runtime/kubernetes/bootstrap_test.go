package kubernetes_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

// first are the resources that a cluster starts with objects of.
func first() []schema.GroupVersionResource {
	return []schema.GroupVersionResource{
		{Version: "v1", Resource: "namespaces"},
		{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"},
		{Group: "flowcontrol.apiserver.k8s.io", Version: "v1", Resource: "flowschemas"},
		{Group: "flowcontrol.apiserver.k8s.io", Version: "v1", Resource: "prioritylevelconfigurations"},
		{Group: "networking.k8s.io", Version: "v1", Resource: "servicecidrs"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
		{Group: "scheduling.k8s.io", Version: "v1", Resource: "priorityclasses"},
	}
}

// What the first start writes into the store is what upstream's hooks write by requests, with whom they say set it.
func TestAClusterStartsAsUpstreams(t *testing.T) {
	t.Parallel()
	ours := start(t, options(t.TempDir()), kubernetes.All())
	upstreams := start(t, options(t.TempDir()), kubernetes.AsUpstream())
	for _, path := range []string{"/readyz?verbose", "/livez?verbose", "/healthz?verbose"} {
		if d := cmp.Diff(upstreams.checks(path), ours.checks(path)); d != "" {
			t.Errorf("what %s asks, upstream's (-) and ours (+):\n%s", path, d)
		}
	}
	for _, resource := range first() {
		settled := func(c *cluster) map[string]string {
			var last map[string]string
			c.eventually(resource.Resource+" settle", func() bool {
				before := last
				last = c.facts(resource)
				return before != nil && maps.Equal(before, last) && (resource.Resource != "servicecidrs" || len(last) > 0)
			})
			return last
		}
		want := settled(upstreams)
		got := settled(ours)
		if len(want) == 0 {
			t.Errorf("%s: there are none", resource.Resource)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if d := cmp.Diff(want[name], got[name]); d != "" {
				t.Errorf("%s %s, upstream's (-) and ours (+):\n%s", resource.Resource, name, d)
			}
		}
		for name := range got {
			if _, ok := want[name]; !ok {
				t.Errorf("%s %s: upstream has none", resource.Resource, name)
			}
		}
	}
}

// checks are what has to be well for a server to be.
func (c *cluster) checks(path string) []string {
	c.t.Helper()
	return slices.Sorted(strings.Lines(c.get(path)))
}

// facts are the objects of a resource by name, without what differs between two clusters.
func (c *cluster) facts(resource schema.GroupVersionResource) map[string]string {
	c.t.Helper()
	list, err := c.objects.Resource(resource).List(c.t.Context(), metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	all := map[string]string{}
	for _, item := range list.Items {
		timeless(item.Object)
		unstructured.RemoveNestedField(item.Object, "metadata", "uid")
		unstructured.RemoveNestedField(item.Object, "metadata", "resourceVersion")
		text, err := json.MarshalIndent(item.Object, "", " ")
		if err != nil {
			c.t.Fatal(err)
		}
		all[item.GetNamespace()+"/"+item.GetName()] = string(text)
	}
	return all
}

// timeless takes the times out of an object.
func timeless(in any) {
	switch v := in.(type) {
	case map[string]any:
		for _, key := range []string{"creationTimestamp", "time", "lastTransitionTime"} {
			delete(v, key)
		}
		for _, value := range v {
			timeless(value)
		}
	case []any:
		for _, value := range v {
			timeless(value)
		}
	}
}
