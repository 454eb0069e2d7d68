package barowners

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/extension"
	"github.com/kubecraft/kubecraft/runtime/testenv"

	"example.com/demo/pkg/apiserver"
)

const testConfig = `annotation: bar-owners/owner
mayChange: [changers]
ignored: ["system:kube-"]
`

// A Bar is of the user who makes it, until somebody names another who may.
func TestPlugin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(testConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	env := testenv.Start(t, apiserver.Groups(), extension.Admission(extension.Options{Name: Name, File: file}, newPlugin))
	as := func(config *rest.Config) dynamic.ResourceInterface {
		resource := schema.GroupVersionResource{Group: "example", Version: "v1", Resource: "bars"}
		return dynamic.NewForConfigOrDie(config).Resource(resource).Namespace("default")
	}
	const masters = "system:masters" // they may do everything that the plugin lets them
	alice, bob := as(env.User("alice", masters)), as(env.User("bob", masters))
	carol, component := as(env.User("carol", masters, "changers")), as(env.User("system:kube-thing", masters))
	named := func(name string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "example/v1", "kind": "Bar", "metadata": map[string]any{"name": name},
		}}
	}
	owned := func(object *unstructured.Unstructured, owner string) *unstructured.Unstructured {
		object.SetAnnotations(map[string]string{"bar-owners/owner": owner})
		return object
	}
	check := func(what string, object *unstructured.Unstructured, err error, want string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := object.GetAnnotations()["bar-owners/owner"]; got != want {
			t.Errorf("%s: it is %q's, not %q's", what, got, want)
		}
	}
	refused := func(what string, err error) {
		t.Helper()
		if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "the annotation bar-owners/owner must be \"alice\"") {
			t.Errorf("%s: %v", what, err)
		}
	}

	one, err := alice.Create(t.Context(), named("one"), metav1.CreateOptions{})
	check("alice makes it", one, err, "alice")
	_, err = alice.Create(t.Context(), owned(named("two"), "bob"), metav1.CreateOptions{})
	refused("alice makes one of bob's", err)
	_, err = bob.Update(t.Context(), owned(one.DeepCopy(), "bob"), metav1.UpdateOptions{})
	refused("bob takes it", err)
	without := one.DeepCopy()
	without.SetAnnotations(nil)
	without.SetLabels(map[string]string{"seen": "by-bob"})
	one, err = bob.Update(t.Context(), without, metav1.UpdateOptions{})
	check("bob updates it and does not say whose it is", one, err, "alice")
	one, err = carol.Update(t.Context(), owned(one.DeepCopy(), "bob"), metav1.UpdateOptions{})
	check("carol gives it to bob", one, err, "bob")
	three, err := component.Create(t.Context(), named("three"), metav1.CreateOptions{})
	check("a component makes one", three, err, "")
}

func TestWhatIsWrongInTheConfigurationIsSaid(t *testing.T) {
	if _, err := parse(extension.File{Name: "config.yaml", Content: config}); err != nil {
		t.Error(err)
	}
	for content, want := range map[string]string{
		"":                                   "config.yaml: is empty",
		"# mine\n\nanotation: a/b":           "config.yaml:3: field anotation not found",
		"mayChange: []\nannotation: a/b/c":   "config.yaml:2: annotation: a ",
		"annotation: a/b\nmayChange: {a: b}": "config.yaml:2: cannot unmarshal",
	} {
		if _, err := parse(extension.File{Name: "config.yaml", Content: []byte(content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}
