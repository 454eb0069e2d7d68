//go:build script

package kubecodegen

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
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
// for, or does not run. The script takes half a minute, so it runs once: over examples/minimal with a group that has every
// sort of field. What it made of sample-apiserver, which examples/wardle is made after, package codegen's tests have.
func TestSameAsScript(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Log("no bash: upstream's script cannot run; TestSampleAsCommitted of package codegen compares with what it wrote once")
		return
	}
	dir := filepath.Join(t.TempDir(), "project")
	if err := Copy(filepath.Join("..", "..", "examples", "minimal"), dir); err != nil {
		t.Fatal(err)
	}
	for file, tags := range map[string]bool{"pkg/apis/example/bar.go": false, "pkg/apis/example/v1/bar.go": true} {
		addFields(t, filepath.Join(dir, filepath.FromSlash(file)), tags)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "wide"))); err != nil {
		t.Fatal(err)
	}
	removeTool(t, filepath.Join(dir, "go.mod"))
	made, err := codegen.Run(t.Context(), codegen.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, dir, made)
	report, err := os.ReadFile(filepath.Join(dir, "violations.list"))
	if err != nil {
		t.Fatal(err)
	}
	compareWarnings(t, made, string(report))
}

// removeTool takes validation-gen out of the go.mod: it has no validation for some sorts of fields, and the script runs it for
// types with a marker only.
func removeTool(t *testing.T, goMod string) {
	t.Helper()
	text, err := os.ReadFile(goMod)
	if err != nil {
		t.Fatal(err)
	}
	const tool = "tool k8s.io/code-generator/cmd/validation-gen\n"
	if !bytes.Contains(text, []byte(tool)) {
		t.Fatalf("the project has no %s", tool)
	}
	if err := os.WriteFile(goMod, bytes.ReplaceAll(text, []byte(tool), nil), 0o644); err != nil {
		t.Fatal(err)
	}
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

// compare runs the script in the project and holds what was made to what it writes.
func compare(t *testing.T, dir string, made *codegen.Result) {
	t.Helper()
	for name := range made.Files {
		if isOurs(name) {
			delete(made.Files, name)
		} else if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if len(made.Files) < 40 {
		t.Fatalf("only %d files", len(made.Files))
	}
	script, err := New(dir, t.TempDir())
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
	for _, name := range generated(t, dir) {
		if made.Files[name] == nil && !isOurs(name) {
			t.Errorf("the script alone makes %s", name)
		}
	}
}

// isOurs says that the script does not make such a file.
func isOurs(name string) bool { return path.Base(name) == "zz_generated.printcolumns.go" }

// generated names the files of the project that say they are, by slash path.
func generated(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), "pkg", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if bytes.Contains(content, []byte("// Code generated by ")) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// compareWarnings holds warnings to upstream's report, which is of dependencies too.
func compareWarnings(t *testing.T, made *codegen.Result, report string) {
	t.Helper()
	own := 0
	for line := range strings.Lines(report) {
		if strings.Contains(line, ",example.com/demo/") {
			own++
		}
	}
	if own == 0 || own == strings.Count(report, "\n") {
		t.Fatalf("the report proves nothing:\n%s", report)
	}
	if len(made.Warnings) < own {
		t.Errorf("%d warnings for %d violations:\n%v\n%s", len(made.Warnings), own, made.Warnings, report)
	}
	for _, w := range made.Warnings {
		if !strings.HasPrefix(w.File, "pkg/apis/") || w.Line == 0 {
			t.Errorf("warning without position: %v", w)
		}
	}
}
