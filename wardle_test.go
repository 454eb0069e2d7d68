package kubecraft_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/sample-apiserver/pkg/apis/wardle/v1alpha1"
	"k8s.io/sample-apiserver/pkg/apis/wardle/v1beta1"
	clientset "k8s.io/sample-apiserver/pkg/generated/clientset/versioned"
)

// TestWardleIsSampleAPIServer runs sample-apiserver's own client and artifacts against examples/wardle, which is its
// API made with kubecraft's verbs. Both come from the module cache.
func TestWardleIsSampleAPIServer(t *testing.T) {
	kubeconfig := serve(t, "wardle")
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := clientset.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}

	t.Run("artifacts", func(t *testing.T) {
		artifact := filepath.Join(moduleDir(t, "k8s.io/sample-apiserver"), "artifacts", "flunders", "01-flunder.yaml")
		kubectl := func(args ...string) string {
			cmd := exec.Command(kubectlBinary(t), append([]string{"--kubeconfig", kubeconfig}, args...)...)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("kubectl %v: %v\n%s", args, err, out)
			}
			return string(out)
		}
		kubectl("create", "-f", artifact)
		kubectl("apply", "-f", artifact)
		kubectl("apply", "--server-side", "--force-conflicts", "-f", artifact)
		if out := kubectl("get", "flunders", "-l", "sample-label=true", "-o", "name"); strings.TrimSpace(out) != "flunder.wardle.example.com/my-first-flunder" {
			t.Errorf("get by label printed %q", out)
		}
		kubectl("delete", "-f", artifact)
	})

	t.Run("versions", func(t *testing.T) {
		ctx := t.Context()
		old, current := client.WardleV1alpha1().Flunders("default"), client.WardleV1beta1().Flunders("default")
		watcher, err := current.Watch(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer watcher.Stop()

		// A reference without a type is one to a flunder: the default of v1alpha1, seen through v1beta1.
		if _, err := old.Create(ctx, &v1alpha1.Flunder{
			ObjectMeta: metav1.ObjectMeta{Name: "one"},
			Spec:       v1alpha1.FlunderSpec{Reference: "two"},
		}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		got, err := current.Get(ctx, "one", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Spec.FlunderReference != "two" || got.Spec.ReferenceType != v1beta1.FlunderReferenceType {
			t.Errorf("v1beta1 reads %+v", got.Spec)
		}
		got.Spec = v1beta1.FlunderSpec{FischerReference: "three", ReferenceType: v1beta1.FischerReferenceType}
		if _, err := current.Update(ctx, got, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		again, err := old.Get(ctx, "one", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if again.Spec.Reference != "three" || again.Spec.ReferenceType == nil || *again.Spec.ReferenceType != v1alpha1.FischerReferenceType {
			t.Errorf("v1alpha1 reads %+v", again.Spec)
		}
		for _, want := range []watch.EventType{watch.Added, watch.Modified} {
			select {
			case event := <-watcher.ResultChan():
				if flunder, ok := event.Object.(*v1beta1.Flunder); event.Type != want || !ok || flunder.Name != "one" {
					t.Errorf("watched %s %v, want %s of one", event.Type, event.Object, want)
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("no %s event", want)
			}
		}
		// What the reference says and what its type says must agree.
		got.ResourceVersion = again.ResourceVersion
		got.Spec = v1beta1.FlunderSpec{FlunderReference: "two", FischerReference: "three", ReferenceType: v1beta1.FischerReferenceType}
		if _, err := current.Update(ctx, got, metav1.UpdateOptions{}); !apierrors.IsInvalid(err) {
			t.Errorf("two references: %v, want Invalid", err)
		}
	})

	t.Run("fischers", func(t *testing.T) {
		ctx := t.Context()
		fischers := client.WardleV1alpha1().Fischers()
		if _, err := fischers.Create(ctx, &v1alpha1.Fischer{
			ObjectMeta:         metav1.ObjectMeta{Name: "bans"},
			DisallowedFlunders: []string{"b", "a"},
		}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		list, err := fischers.List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Items) != 1 || strings.Join(list.Items[0].DisallowedFlunders, " ") != "b a" || list.Items[0].Namespace != "" {
			t.Errorf("listed %+v", list.Items)
		}
	})
}

// serve builds and runs an example in folders of the test's and returns its kubeconfig.
func serve(t *testing.T, example string) string {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "server.exe")
	build := exec.Command("go", "build", "-ldflags=-w", "-o", binary, ".")
	build.Dir = filepath.Join("examples", example)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	kubeconfig := filepath.Join(dir, "kubeconfig")
	cmd := exec.Command(binary, "--data", filepath.Join(dir, "data"), "--pki", filepath.Join(dir, "pki"), "--write-kubeconfig", kubeconfig)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "ready in ") {
			return kubeconfig
		}
	}
	t.Fatalf("%s did not become ready: %s", example, &stderr)
	return ""
}

// kubectlBinary is the machine's, or upstream's built from the module cache.
func kubectlBinary(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("kubectl"); err == nil {
		return path
	}
	binary := filepath.Join(t.TempDir(), "kubectl.exe")
	build := exec.Command("go", "build", "-ldflags=-w", "-o", binary, ".")
	build.Dir = filepath.Join("hack", "kubectl")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building kubectl: %v\n%s", err, out)
	}
	return binary
}

func moduleDir(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
