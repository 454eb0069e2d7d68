package kubecodegen

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/codegen"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == codegen.Command {
		os.Exit(codegen.Child(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// What the verbs generate is what upstream's script generates from the same types, but for what upstream has no generator
// for, or does not run. The script takes half a minute: package codegen's tests run it on sample-apiserver, which
// examples/wardle is made after, and the types of examples/kubernetes are those of examples/minimal.
func TestSameAsScript(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Log("no bash: upstream's script cannot run")
		return
	}
	dir := filepath.Join(t.TempDir(), "project")
	if err := Copy(filepath.Join("..", "..", "examples", "minimal"), dir); err != nil {
		t.Fatal(err)
	}
	for file, tags := range map[string]bool{"pkg/apis/example/bar.go": false, "pkg/apis/example/v1/bar.go": true} {
		addFields(t, filepath.Join(dir, filepath.FromSlash(file)), tags)
	}
	compare(t, dir, t.TempDir())
}

// addFields gives Bar fields of types that are not the project's: what is known of those decides what is generated.
func addFields(t *testing.T, file string, tags bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fields := ""
	for _, f := range [][2]string{
		{"At", "time.Time"}, {"Stamp", "Stamp"}, {"Took", "time.Duration"}, {"Where", "url.URL"}, {"Level", "slog.Level"},
		{"Pod", "corev1.PodSpec"}, {"Ports", "[]corev1.ServicePort"}, {"Limits", "corev1.ResourceList"}, {"Scales", "map[string]*autoscalingv1.Scale"},
		{"Raw", "runtime.RawExtension"}, {"Port", "*intstr.IntOrString"}, {"Every", "metav1.Duration"},
	} {
		fields += "\t" + f[0] + " " + f[1]
		if tags {
			fields += " `json:\"" + strings.ToLower(f[0]) + "\"`"
		}
		fields += "\n"
	}
	const imports = `
	"log/slog"
	"net/url"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
`
	changed := strings.Replace(string(text), "import (\n", "import ("+imports, 1)
	changed = strings.Replace(changed, "type BarSpec struct {\n", "type BarSpec struct {\n"+fields, 1)
	changed += "\n// Stamp is unmarshalled by what it embeds.\ntype Stamp struct{ time.Time }\n"
	if strings.Count(changed, imports) != 1 || strings.Count(changed, fields) != 1 {
		t.Fatalf("%s has another shape:\n%s", file, text)
	}
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compare generates for the project with both, and holds the one to the other.
func compare(t *testing.T, dir, bin string) {
	t.Helper()
	made, err := codegen.Run(t.Context(), codegen.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for name := range made.Files {
		if filepath.Base(name) == "zz_generated.printcolumns.go" {
			delete(made.Files, name)
		} else if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if len(made.Files) < 20 {
		t.Fatalf("only %d files", len(made.Files))
	}
	script, err := New(dir, bin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := script.Run(); err != nil {
		t.Fatal(err)
	}
	same, other, err := Same(dir, made.Files)
	if err != nil {
		t.Fatal(err)
	}
	if same != len(made.Files) {
		t.Errorf("%d of %d files are the same; %s is not", same, len(made.Files), other)
	}
}
