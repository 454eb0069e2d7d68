package scaffold

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write testdata anew")

// The files of testdata/*.txtar are for people to read: what a project starts with, and what a kind adds to it.
func TestGolden(t *testing.T) {
	initial, err := Init(InitOptions{Module: "example.com/demo", Kubecraft: Dependency{Replace: "../.."}})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "init", initial)
	for name, options := range map[string][]func(*resourceOption){
		"type":         {shortNames("br")},
		"scale":        {withScaling, clusterScoped, categories("all")},
		"no-status":    {noStatus},
		"dashed-group": nil,
	} {
		group := "example/v1"
		if name == "dashed-group" {
			group = "my-group.example.com/v1beta1"
		}
		golden(t, name, newTestProject(t, "example.com/demo").add(group, "Bar", options...).Files)
	}
}

// golden compares files with the archive of that name. Module files are left out: see TestModuleFiles.
func golden(t *testing.T, name string, files map[string][]byte) {
	t.Helper()
	archive := &txtar.Archive{}
	for _, file := range sortedKeys(files) {
		if file != "go.mod" && file != "go.sum" {
			archive.Files = append(archive.Files, txtar.File{Name: file, Data: files[file]})
		}
	}
	got := txtar.Format(archive)
	path := filepath.Join("testdata", name+".txtar")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is written now: read the difference after go test -run %s -update", path, t.Name())
	}
}
