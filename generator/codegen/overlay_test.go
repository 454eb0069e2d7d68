package codegen

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wanted generates from files on the disk in the plainest setting: what every other setting must give, too.
func wanted(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, demo(t))
	r := run(t, Options{Dir: dir})
	if len(r.Files) < 30 || len(r.Remove) > 0 {
		t.Fatalf("%d files, remove %v", len(r.Files), r.Remove)
	}
	for _, name := range []string{"pkg/apis/example/v1/zz_generated.defaults.go", "pkg/registry/example/bar/zz_generated.printcolumns.go"} {
		if r.Files[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	return r.Files
}

// Where the files are makes no difference.
func TestPlaces(t *testing.T) {
	want := wanted(t)
	tests := map[string]func(t *testing.T, files map[string][]byte) Options{
		"a folder that does not exist, everything in the overlay": func(t *testing.T, files map[string][]byte) Options {
			return Options{Dir: filepath.Join(t.TempDir(), "not", "there"), Overlay: files}
		},
		"new packages in the overlay": func(t *testing.T, files map[string][]byte) Options {
			dir := t.TempDir()
			overlay := map[string][]byte{}
			for name, content := range files {
				if strings.HasPrefix(name, "pkg/") {
					overlay[filepath.Join(dir, filepath.FromSlash(name))] = content
					delete(files, name)
				}
			}
			write(t, dir, files)
			return Options{Dir: dir, Overlay: overlay}
		},
		"a file that differs and one that is hidden": func(t *testing.T, files map[string][]byte) Options {
			const bar = "pkg/apis/example/v1/bar.go"
			dir := t.TempDir()
			overlay := map[string][]byte{bar: files[bar], "pkg/apis/example/v1/broken.go": nil}
			files[bar], files["pkg/apis/example/v1/broken.go"] = []byte("package v1\n"), []byte("no Go")
			write(t, dir, files)
			return Options{Dir: dir, Overlay: overlay}
		},
		"corrupt and outdated generated files": func(t *testing.T, files map[string][]byte) Options {
			dir := t.TempDir()
			files["pkg/apis/example/v1/zz_generated.deepcopy.go"] = []byte("<<<<<<< HEAD\n")
			files["pkg/apis/example/zz_generated.deepcopy.go"] = []byte("package other\n")
			write(t, dir, files)
			return Options{Dir: dir}
		},
		"spaces, other alphabets, and a symbolic link": func(t *testing.T, files map[string][]byte) Options {
			parent := t.TempDir()
			real := filepath.Join(parent, "mein Projekt 项目")
			write(t, real, files)
			link := filepath.Join(parent, "link")
			if err := os.Symlink(real, link); err != nil {
				t.Fatal(err)
			}
			return Options{Dir: link, Overlay: map[string][]byte{filepath.Join(link, "README.md"): []byte("x")}}
		},
		"a module inside another one, below a workspace, with flags for vendoring": func(t *testing.T, files map[string][]byte) Options {
			parent := t.TempDir()
			dir := filepath.Join(parent, "examples", "demo")
			write(t, dir, files)
			write(t, parent, map[string][]byte{
				"go.mod":  []byte("module example.com/outer\n\ngo 1.26.0\n"),
				"go.work": []byte("go 1.26.0\n\nuse .\n"),
			})
			env := withEnv(os.Environ(), "GOFLAGS=-mod=vendor -tags=nothing", "GOWORK=")
			return Options{Dir: dir, Env: env}
		},
		"a workspace with the module": func(t *testing.T, files map[string][]byte) Options {
			parent := t.TempDir()
			write(t, filepath.Join(parent, "demo"), files)
			write(t, parent, map[string][]byte{"go.work": []byte("go 1.26.0\n\nuse ./demo\n")})
			return Options{Dir: filepath.Join(parent, "demo"), Env: withEnv(os.Environ(), "GOFLAGS=", "GOWORK=")}
		},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			o := tests[name](t, demo(t))
			before := snapshot(t, o.Dir)
			same(t, run(t, o).Files, want)
			if after := snapshot(t, o.Dir); !maps.Equal(before, after) {
				t.Error("generating changed the project's folder")
			}
		})
	}
}

// snapshot returns the files and folders below dir with their contents.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	real, err := filepath.EvalSymlinks(dir)
	if os.IsNotExist(err) {
		return all
	}
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(real, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			all[name] = ""
			return err
		}
		content, err := os.ReadFile(name)
		all[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A project without types gets an OpenAPI package to compile with, and nothing else.
func TestNoTypes(t *testing.T) {
	files := demo(t)
	overlay := map[string][]byte{"go.mod": files["go.mod"], "go.sum": files["go.sum"], "main.go": []byte("package main\n")}
	r := run(t, Options{Dir: filepath.Join(t.TempDir(), "new"), Overlay: overlay})
	got := slices.Collect(maps.Keys(r.Files))
	if !slices.Equal(got, []string{"pkg/generated/openapi/zz_generated.openapi.go"}) {
		t.Errorf("generated %v", got)
	}
	if len(r.Warnings) > 0 {
		t.Errorf("warnings about upstream's types: %v", r.Warnings)
	}
}

// What was generated for types that are gone is to be removed; what people keep beside it is not.
func TestRemove(t *testing.T) {
	dir := t.TempDir()
	files := demo(t)
	for name, content := range wanted(t) {
		files[name] = content
	}
	files["pkg/generated/listers/mine.go"] = []byte("package listers\n")
	write(t, dir, files)
	overlay := map[string][]byte{"pkg/registry/example/bar/store.go": nil}
	for name := range files {
		if strings.HasPrefix(name, "pkg/apis/example/v1/") && !strings.Contains(name, "zz_generated") {
			overlay[name] = nil
		}
	}
	r := run(t, Options{Dir: dir, Overlay: overlay})
	for _, name := range []string{
		"pkg/apis/example/v1/zz_generated.conversion.go", "pkg/generated/listers/example/v1/bar.go",
		"pkg/generated/clientset/versioned/clientset.go", "pkg/registry/example/bar/zz_generated.printcolumns.go",
	} {
		if !slices.Contains(r.Remove, name) {
			t.Errorf("%s is kept", name)
		}
	}
	for _, name := range r.Remove {
		if r.Files[name] != nil || !strings.Contains(string(files[name]), "Code generated by") {
			t.Errorf("%s is to be removed", name)
		}
	}
	if len(r.Files)+len(r.Remove) != len(wanted(t)) {
		t.Errorf("%d files and %d to remove", len(r.Files), len(r.Remove))
	}
}

// The columns of a kind, whatever its versions.
func TestPrintColumns(t *testing.T) {
	files := demo(t)
	replace(t, files, "pkg/apis/example/v1/bar.go", "// +kubebuilder:printcolumn",
		"// +kubebuilder:printcolumn:name=\"Size\",type=integer,format=int32,JSONPath=`.spec.size`,priority=1,description=\"How big, \\\"really\\\"\"\n// +kubebuilder:printcolumn")
	for name, content := range files {
		if rest, ok := strings.CutPrefix(name, "pkg/apis/example/v1/"); ok {
			text := strings.ReplaceAll(strings.ReplaceAll(string(content), "package v1", "package v1beta1"), `"v1"`, `"v1beta1"`)
			if rest == "register.go" {
				text = strings.ReplaceAll(text, "SchemeGroupVersion", "GroupVersion")
			}
			files["pkg/apis/example/v1beta1/"+rest] = []byte(text)
		}
	}
	r := run(t, Options{Dir: filepath.Join(t.TempDir(), "new"), Overlay: files})
	const want = `// Code generated by kubecraft. DO NOT EDIT.

package bar

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubecraft/kubecraft/runtime/registry"

	examplev1 "example.com/demo/pkg/apis/example/v1"
)

// printColumns returns, by version, the columns ` + "`kubectl get`" + ` shows besides name and age.
func printColumns() map[schema.GroupVersion][]registry.Column {
	return map[schema.GroupVersion][]registry.Column{
		examplev1.SchemeGroupVersion: {
			{Name: "Size", Type: "integer", Format: "int32", Description: "How big, \"really\"", Priority: 1, JSONPath: ".spec.size"},
			{Name: "Phase", Type: "string", JSONPath: ".status.phase"},
		},
		{Group: "example", Version: "v1beta1"}: {
			{Name: "Size", Type: "integer", Format: "int32", Description: "How big, \"really\"", Priority: 1, JSONPath: ".spec.size"},
			{Name: "Phase", Type: "string", JSONPath: ".status.phase"},
		},
	}
}
`
	if got := string(r.Files["pkg/registry/example/bar/zz_generated.printcolumns.go"]); got != want {
		t.Errorf("got:\n%s", got)
	}
}

// A storage package is known by what it stores, not by its folder; one whose kind cannot be told keeps its file.
func TestPrintColumnsOfMovedStorage(t *testing.T) {
	files := demo(t)
	const was, is = "pkg/registry/example/bar/store.go", "pkg/registry/example/barstore/store.go"
	files[is] = []byte("package barstore\n\nvar store = &Store{\n\tNewFunc: func() runtime.Object { return &example.Bar{} },\n\tColumns: printColumns(),\n}\n")
	delete(files, was)
	files["pkg/registry/example/odd/store.go"] = []byte("package odd\n\nvar columns = printColumns()\n")
	for _, dir := range []string{"bar", "barstore", "odd"} {
		files["pkg/registry/example/"+dir+"/zz_generated.printcolumns.go"] = []byte("// Code generated by kubecraft. DO NOT EDIT.\n\npackage " + dir + "\n")
	}
	r := run(t, Options{Dir: filepath.Join(t.TempDir(), "new"), Overlay: files})
	if got := string(r.Files["pkg/registry/example/barstore/zz_generated.printcolumns.go"]); !strings.Contains(got, "func printColumns()") || !strings.Contains(got, `"Phase"`) {
		t.Errorf("the moved package got\n%s", got)
	}
	if !slices.Equal(r.Remove, []string{"pkg/registry/example/bar/zz_generated.printcolumns.go"}) {
		t.Errorf("to be removed: %v", r.Remove)
	}
}
