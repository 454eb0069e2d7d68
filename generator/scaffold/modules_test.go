package scaffold

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/modfile"
)

var updateModules = flag.Bool("update-modules", false, "write templates/project/modules anew (hack/update-gomod.sh)")

// validationTool is the generator that codegen runs as the project's tool.
const validationTool = "k8s.io/code-generator/cmd/validation-gen"

// The module files of every composition are those that `go mod tidy` gives: a new project needs no such step, and one
// changes nothing.
func TestModuleFiles(t *testing.T) {
	compositions := map[composition]func(*testProject){
		withoutTypes: func(*testProject) {},
		withTypes:    func(p *testProject) { p.add("example/v1", "Bar") },
		withScale:    func(p *testProject) { p.add("example/v1", "Bar", withScaling) },
	}
	for composition, add := range compositions {
		t.Run(string(composition), func(t *testing.T) {
			p := newTestProject(t, "example.com/project")
			if *updateModules {
				p.requireWhatKubecraftDoes()
			}
			add(p)
			if composition != withoutTypes {
				p.generate()
			}
			if *updateModules {
				p.run("go", "mod", "tidy")
				p.storeModuleFiles(composition)
			}
			p.run("go", "mod", "tidy", "-diff")
		})
	}
}

// requireWhatKubecraftDoes gives the project every requirement of kubecraft's own, for tidy to choose from: so both
// build with the same versions.
func (p *testProject) requireWhatKubecraftDoes() {
	p.Helper()
	own, err := os.ReadFile(filepath.Join(checkout(p.T), "go.mod"))
	if err != nil {
		p.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(checkout(p.T), "go.sum"))
	if err != nil {
		p.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", own, nil)
	if err != nil {
		p.Fatal(err)
	}
	for _, err := range []error{
		file.AddModuleStmt("example.com/project"),
		file.AddRequire(KubecraftModule, unreleased),
		file.AddReplace(KubecraftModule, "", checkout(p.T), ""),
		file.AddTool(validationTool),
	} {
		if err != nil {
			p.Fatal(err)
		}
	}
	mod, err := file.Format()
	if err != nil {
		p.Fatal(err)
	}
	p.write(map[string][]byte{"go.mod": mod, "go.sum": sum})
}

func (p *testProject) storeModuleFiles(c composition) {
	p.Helper()
	tidy, err := modfile.Parse("go.mod", p.read("go.mod"), nil)
	if err != nil {
		p.Fatal(err)
	}
	// Set out anew: what imports asked for stands in one block, the rest in another.
	file := new(modfile.File)
	for _, err := range []error{
		file.AddModuleStmt(tidy.Module.Mod.Path),
		file.AddGoStmt(tidy.Go.Version),
		file.AddTool(validationTool),
	} {
		if err != nil {
			p.Fatal(err)
		}
	}
	file.SetRequireSeparateIndirect(tidy.Require)
	file.Cleanup()
	mod, err := file.Format()
	if err != nil {
		p.Fatal(err)
	}
	dir := filepath.Join(checkout(p.T), "templates", "project", "modules")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.Fatal(err)
	}
	for name, content := range map[string][]byte{string(c) + ".mod": mod, "project.sum": p.read("go.sum")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			p.Fatal(err)
		}
	}
}
