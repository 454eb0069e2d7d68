package testenv_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
	"github.com/kubecraft/kubecraft/runtime/storage"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

func robots(t *testing.T, config *rest.Config) dynamic.ResourceInterface {
	t.Helper()
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client.Resource(toysv1.SchemeGroupVersion.WithResource("robots")).Namespace("default")
}

func robot(name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "toys.example.com/v1", "kind": "Robot", "metadata": map[string]any{"name": name},
	}}
}

func TestTestsHaveAServerEach(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			env := testenv.Start(t, serve.Groups())
			client := robots(t, env.Config())
			if _, err := client.Create(t.Context(), robot("a"), metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			list, err := client.List(t.Context(), metav1.ListOptions{})
			if err != nil || len(list.Items) != 1 {
				t.Errorf("%v, %v", list, err)
			}
		})
	}
}

func TestTheKubeconfigIsTheAdministrators(t *testing.T) {
	t.Parallel()
	env := testenv.Options{Storage: storage.SQLite}.Start(t, serve.Groups())
	config, err := clientcmd.BuildConfigFromFlags("", env.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := robots(t, config).Create(t.Context(), robot("a"), metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
}

func TestUsersMayWhatAuthorizersSay(t *testing.T) {
	t.Parallel()
	env := testenv.Start(t, serve.Groups())
	if _, err := robots(t, env.User("joe")).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `User "joe" cannot list resource "robots"`) {
		t.Errorf("nobody has let joe: %v", err)
	}
	if _, err := robots(t, env.User("jane", "system:masters")).List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("of the administrators' group: %v", err)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	var env *testenv.Env
	t.Run("test", func(t *testing.T) { env = testenv.Start(t, serve.Groups()) })
	if _, err := http.Get(env.Config().Host); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("its port: %v", err)
	}
	if _, err := os.Stat(env.Kubeconfig()); !os.IsNotExist(err) {
		t.Errorf("its files: %v", err)
	}
}

// TestWrong is a test whose control plane cannot start. It fails, so TestWhatIsWrongIsSaid runs it in a process of its own.
func TestWrong(t *testing.T) {
	which := os.Getenv("TESTENV_WRONG")
	if which == "" {
		t.Skip("is run by TestWhatIsWrongIsSaid")
	}
	testenv.Options{CRDs: []string{which}}.Start(t, serve.Groups())
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := map[string]string{
		"broken.yaml": "---\n# a definition\n---\nkind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\n\tmetadata: {}\n",
		"none.yaml":   "apiVersion: v1\nkind: ConfigMap\n",
		"one.yaml":    "# made by hand\n\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: a.example.com\n",
		"later.yaml":  "apiVersion: v1\nkind: ConfigMap\n---\n\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{
		"broken.yaml":  "broken.yaml:6: found a tab character",
		"none.yaml":    "none.yaml has none of the objects that it was named for",
		"missing.yaml": "missing.yaml: no such file or directory",
		"one.yaml":     "one.yaml:3: the server has no customresourcedefinitions of apiextensions.k8s.io/v1: kubernetes.All() serves them",
		"later.yaml":   "later.yaml:5: the server has no customresourcedefinitions",
	} {
		test := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWrong$")
		test.Env = append(os.Environ(), "TESTENV_WRONG="+filepath.Join(dir, file))
		out, err := test.CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) || !strings.Contains(string(out), "testenv_test.go:") {
			t.Errorf("%s: %v, not %q: %s", file, err, want, out)
		}
	}
}
