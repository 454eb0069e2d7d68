package project

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubecraft/kubecraft/generator/resource"
)

// write unpacks testdata/name.txtar into a new folder of that name, and returns it.
func write(t *testing.T, archive, folder string) string {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", archive+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root = filepath.Join(root, folder)
	for _, f := range a.Files {
		put(t, filepath.Join(root, filepath.FromSlash(f.Name)), string(f.Data))
	}
	return root
}

func put(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, dir string) *Project {
	t.Helper()
	p, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLoad(t *testing.T) {
	root := write(t, "project", "mein Projekt ü 項目")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{root, filepath.Join(root, "pkg", "apis"), link, filepath.Join(link, "pkg")} {
		p := load(t, dir)
		if p.Dir != root || p.Module != "example.com/demo" {
			t.Errorf("%s: got %s, %s", dir, p.Dir, p.Module)
		}
		checkGroups(t, p)
	}
}

func checkGroups(t *testing.T, p *Project) {
	t.Helper()
	if len(p.Groups) != 2 || p.Groups[0].Name != "batch.example.com" || p.Groups[1].Name != "example" {
		t.Fatalf("got groups %+v", p.Groups)
	}
	g := p.Group("example")
	wantVersions := []Version{
		{Name: "v1", Dir: "v1", Kinds: []string{"Bar", "Foo"}},
		{Name: "v1beta1", Dir: "v1beta1", Kinds: []string{"Bar"}},
	}
	if !reflect.DeepEqual(g.Versions, wantVersions) {
		t.Errorf("got versions %+v", g.Versions)
	}
	wantKinds := []Kind{
		{
			Resource: resource.Resource{
				Group: "example", Version: "v1beta1", Kind: "Bar", Plural: "barren", Singular: "bar",
				ShortNames: []string{"br", "b"}, Categories: []string{"all"}, Scale: true,
			},
			Versions: []string{"v1", "v1beta1"}, StorageVersion: "v1beta1", RegistryPackage: "bar", served: []string{"v1", "v1beta1"},
		},
		{
			Resource: resource.Resource{
				Group: "example", Version: "v1", Kind: "Foo", Plural: "foos", Singular: "foo", ClusterScoped: true, NoStatus: true,
			},
			Versions: []string{"v1"}, RegistryPackage: "foostorage", served: []string{"v1"},
		},
	}
	if !reflect.DeepEqual(g.Kinds, wantKinds) {
		t.Errorf("got kinds\n%+v\nwant\n%+v", g.Kinds, wantKinds)
	}
	if job := p.Group("batch.example.com").Kind("Job"); job == nil || job.RegistryPackage != "" || job.Resource.Plural != "jobs" {
		t.Errorf("a kind without storage: got %+v", job)
	}
}

func TestLoadRejected(t *testing.T) {
	for name, test := range map[string]struct {
		file, content string
		want          []string
	}{
		"go.mod that does not parse": {"go.mod", "module example.com/demo\nrequir x\n", []string{"go.mod:2", "requir"}},
		"go.mod without a module":    {"go.mod", "go 1.26\n", []string{"go.mod:1:1", "no module line"}},
		"another kind of project":    {"go.mod", "module x.y/z\n", []string{"x.y/z", "not a kubecraft project", "kubecraft init"}},
		"kubecraft itself":           {"go.mod", "module github.com/kubecraft/kubecraft\n", []string{"kubecraft's own source", "kubecraft init"}},
		"broken types":               {"pkg/apis/example/v1/bar.go", "package v1\n\nfunc {\n", []string{"bar.go:3:6", "correct it"}},
		"broken registry":            {"pkg/registry/example/bar/store.go", "package bar\n\nx\n", []string{"store.go:3:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := write(t, "project", "demo")
			put(t, filepath.Join(root, filepath.FromSlash(test.file)), test.content)
			_, err := Load(root)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%q: want %q in one line", err, want)
				}
			}
		})
	}
}

func TestNotInProject(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		_, err := Load(dir)
		var not *NotProjectError
		if !errors.As(err, &not) || not.Dir != dir {
			t.Errorf("got %v", err)
		}
	}
}

// A generated file may be stale or cut short: it says nothing about the project.
func TestLoadIgnoresGeneratedFilesAndTests(t *testing.T) {
	root := write(t, "project", "demo")
	for _, file := range []string{"zz_generated.deepcopy.go", "bar_test.go", ".bar.go", "_bar.go"} {
		put(t, filepath.Join(root, "pkg", "apis", "example", "v1", file), "package v1\nfunc {")
	}
	// An editor's lock is a link to nothing.
	if err := os.Symlink("nobody@nowhere", filepath.Join(root, "pkg", "apis", "example", "v1", ".#bar.go")); err != nil {
		t.Fatal(err)
	}
	checkGroups(t, load(t, root))
}

func TestLoadEmpty(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "go.mod"), "module example.com/demo\n\nrequire github.com/kubecraft/kubecraft v0.1.0\n")
	if p := load(t, root); len(p.Groups) != 0 {
		t.Errorf("got %+v", p.Groups)
	}
}
