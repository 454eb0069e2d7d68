package scaffold

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/modfile"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
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
			testModuleFiles(t, composition, Dependency{Replace: checkout(t)}, add)
		})
	}
	t.Run("bundled", func(t *testing.T) {
		testModuleFiles(t, withTypes, Dependency{Sources: sources(t)}, compositions[withTypes])
	})
	t.Run("builtin", func(t *testing.T) {
		testModuleFiles(t, withBuiltin, Dependency{Replace: checkout(t)}, func(p *testProject) { p.addBuiltin() })
	})
	t.Run("bundled-builtin", func(t *testing.T) {
		testModuleFiles(t, withBuiltin, Dependency{Sources: sources(t)}, func(p *testProject) { p.addBuiltin() })
	})
	resources := func(p *testProject) { p.addResources(builtin.Resources()...) }
	t.Run("resources", func(t *testing.T) {
		testModuleFiles(t, withResources, Dependency{Replace: checkout(t)}, resources)
	})
	t.Run("bundled-resources", func(t *testing.T) {
		testModuleFiles(t, withResources, Dependency{Sources: sources(t)}, resources)
	})
	parts := func(p *testProject) {
		p.addBuiltin()
		p.addParts(Parts()...)
	}
	t.Run("parts", func(t *testing.T) {
		testModuleFiles(t, withParts, Dependency{Replace: checkout(t)}, parts)
	})
	t.Run("bundled-parts", func(t *testing.T) {
		testModuleFiles(t, withParts, Dependency{Sources: sources(t)}, parts)
	})
	schedulers := func(p *testProject) {
		parts(p)
		p.addScheduler("binpack")
	}
	t.Run("schedulers", func(t *testing.T) {
		testModuleFiles(t, withSchedulers, Dependency{Replace: checkout(t)}, schedulers)
	})
	t.Run("bundled-schedulers", func(t *testing.T) {
		testModuleFiles(t, withSchedulers, Dependency{Sources: sources(t)}, schedulers)
	})
	access := map[composition]func(*testProject){
		withTokens:      func(p *testProject) { p.addComponent(Authenticator(), "tokens", "") },
		withOIDC:        func(p *testProject) { p.addComponent(Authenticator(), "sso", "oidc") },
		withAuthorizers: func(p *testProject) { p.addComponent(Authorizer(), "rules", "") },
		withAdmission:   func(p *testProject) { p.addComponent(Admission(), "owners", "") },
	}
	for c, add := range access {
		t.Run(string(c), func(t *testing.T) {
			testModuleFiles(t, c, Dependency{Replace: checkout(t)}, add)
		})
	}
	t.Run("bundled-oidc", func(t *testing.T) {
		testModuleFiles(t, withOIDC, Dependency{Sources: sources(t)}, func(p *testProject) { p.addComponent(Authenticator(), "sso", "oidc") })
	})
	kubelets := func(p *testProject) {
		parts(p)
		p.addComponent(Kubelet(), "worker", "")
	}
	t.Run("kubelets", func(t *testing.T) {
		testModuleFiles(t, withKubelets, Dependency{Replace: checkout(t)}, kubelets)
	})
	t.Run("bundled-kubelets", func(t *testing.T) {
		testModuleFiles(t, withKubelets, Dependency{Sources: sources(t)}, kubelets)
	})
	controllers := func(p *testProject) {
		p.add("example/v1", "Bar")
		p.generate()
		p.addComponent(Controller(), "barkeeper", "")
		p.generate()
	}
	t.Run("controllers", func(t *testing.T) {
		testModuleFiles(t, withControllers, Dependency{Replace: checkout(t)}, controllers)
	})
	t.Run("bundled-controllers", func(t *testing.T) {
		testModuleFiles(t, withControllers, Dependency{Sources: sources(t)}, controllers)
	})
	if *updateModules {
		return // what follows stands on what was written
	}
	for composition, add := range compositions {
		t.Run("builtin and "+string(composition), func(t *testing.T) {
			testModuleFiles(t, composition, Dependency{Replace: checkout(t)}, func(p *testProject) {
				p.addBuiltin()
				add(p)
			})
		})
	}
	t.Run("access and types", func(t *testing.T) {
		testModuleFiles(t, withTypes, Dependency{Replace: checkout(t)}, func(p *testProject) {
			p.add("example/v1", "Bar")
			for _, add := range access {
				add(p)
			}
			p.addComponent(Admission(), "bars", "example/v1/Bar")
		})
	})
}

// The parts may be listed in another file than main.go.
func TestBuiltinFindsTheListOfParts(t *testing.T) {
	p := newTestProject(t, "example.com/project")
	p.write(map[string][]byte{"parts.go": bytes.Replace(p.read("main.go"), []byte("func main() {"), []byte("func run() {"), 1),
		"main.go": []byte("package main\n\nfunc main() { run() }\n")})
	before := string(p.read("parts.go"))
	p.addBuiltin()
	if got := string(p.read("parts.go")); !strings.Contains(got, "kubernetes.All(),") {
		t.Errorf("parts.go:\n%s", got)
	}
	result, err := RemoveBuiltin(p.load())
	if err != nil {
		t.Fatal(err)
	}
	p.write(result.Files)
	if got := string(p.read("parts.go")); got != before {
		t.Errorf("parts.go is\n%s\nwas\n%s", got, before)
	}
}

// The built-in API comes and goes without a trace.
func TestBuiltinIsUndone(t *testing.T) {
	for name, options := range map[string][]func(*resourceOption){"types": nil, "scale": {withScaling}} {
		p := newTestProject(t, "example.com/project")
		p.add("example/v1", "Bar", options...)
		before := map[string]string{}
		for _, file := range []string{"main.go", "go.mod", "go.sum"} {
			before[file] = string(p.read(file))
		}
		if result := p.addBuiltin(); len(result.Files) != len(before) {
			t.Errorf("%s: %d files changed", name, len(result.Files))
		}
		if result := p.addBuiltin(); len(result.Files) != 0 {
			t.Errorf("%s: added twice, %v changed again", name, sortedKeys(result.Files))
		}
		result, err := RemoveBuiltin(p.load())
		if err != nil {
			t.Fatal(err)
		}
		p.write(result.Files)
		for file, want := range before {
			if got := string(p.read(file)); got != want {
				t.Errorf("%s: %s is\n%s\nwas\n%s", name, file, got, want)
			}
		}
		if result, err := RemoveBuiltin(p.load()); err != nil || len(result.Files) != 0 {
			t.Errorf("%s: removed twice: %v, %v", name, err, result)
		}
	}
}

func (p *testProject) load() *project.Project {
	p.Helper()
	loaded, err := project.Load(p.dir)
	if err != nil {
		p.Fatal(err)
	}
	return loaded
}

func (p *testProject) addBuiltin() *Result {
	p.Helper()
	result, err := AddBuiltin(p.load())
	if err != nil {
		p.Fatal(err)
	}
	p.write(result.Files)
	return result
}

func (p *testProject) addParts(names ...string) *Result {
	p.Helper()
	result, err := AddParts(p.load(), names)
	if err != nil {
		p.Fatal(err)
	}
	p.write(result.Files)
	return result
}

// Parts come and go without a trace, in any order, and the built-in API stays as long as they do.
func TestPartsAreUndone(t *testing.T) {
	p := newTestProject(t, "example.com/project")
	p.add("example/v1", "Bar")
	if _, err := AddParts(p.load(), Parts()); err == nil || !strings.Contains(err.Error(), "kubecraft add builtin --all") {
		t.Errorf("parts without the built-in API: %v", err)
	}
	p.addBuiltin()
	files := []string{"main.go", "go.mod", "go.sum"}
	before := map[string]string{}
	for _, file := range files {
		before[file] = string(p.read(file))
	}
	p.addParts("scheduler")
	if result := p.addParts("kubelet", "scheduler"); !slices.Equal(result.Changed, []string{"kubelet"}) {
		t.Errorf("added %v", result.Changed)
	}
	p.addParts("controllers")
	for _, want := range []string{"kubelet.Simulated(),", "scheduler.Default(),", "controllers.All(),"} {
		if got := string(p.read("main.go")); !strings.Contains(got, want) {
			t.Errorf("main.go has no %s:\n%s", want, got)
		}
	}
	if result := p.addParts(Parts()...); len(result.Files) != 0 {
		t.Errorf("added twice, %v changed again", sortedKeys(result.Files))
	}
	if _, err := RemoveBuiltin(p.load()); err == nil || !strings.Contains(err.Error(), "kubecraft remove part controllers scheduler kubelet") {
		t.Errorf("the built-in API removed from under the parts: %v", err)
	}
	for _, names := range [][]string{{"controllers"}, {"kubelet", "scheduler"}} {
		result, err := RemoveParts(p.load(), names)
		if err != nil {
			t.Fatal(err)
		}
		p.write(result.Files)
	}
	for _, file := range files {
		if got := string(p.read(file)); got != before[file] {
			t.Errorf("%s is\n%s\nwas\n%s", file, got, before[file])
		}
	}
}

func (p *testProject) addScheduler(name string) *Result { return p.addComponent(Scheduler(), name, "") }

func (p *testProject) removeScheduler(name string) *Result {
	return p.removeComponent(Scheduler(), name)
}

// Schedulers and parts come and go in any order, and what is left is what would be there without those that went.
func TestSchedulersAreUndone(t *testing.T) {
	for name, types := range map[string]bool{"without types": false, "with types": true} {
		t.Run(name, func(t *testing.T) {
			p := newTestProject(t, "example.com/project")
			if types {
				p.add("example/v1", "Bar")
			}
			p.addBuiltin()
			states := []map[string]string{p.modules()}
			same := func(after string) {
				t.Helper()
				last := len(states) - 1
				for file, want := range states[last] {
					if got := string(p.read(file)); got != want {
						t.Errorf("after %s %s is\n%s\nwas\n%s", after, file, got, want)
					}
				}
				states = states[:last]
			}
			p.addScheduler("binpack")
			states = append(states, p.modules())
			p.addScheduler("gpu-aware")
			states = append(states, p.modules())
			p.addParts(Parts()...)
			if result := p.addScheduler("binpack"); len(result.Files) != 0 {
				t.Errorf("added twice, %v changed again", sortedKeys(result.Files))
			}
			if _, err := RemoveBuiltin(p.load()); err == nil || !strings.Contains(err.Error(), "kubecraft remove part controllers scheduler kubelet && kubecraft remove scheduler binpack && kubecraft remove scheduler gpu-aware first") {
				t.Errorf("the built-in API removed from under a scheduler: %v", err)
			}
			result, err := RemoveParts(p.load(), Parts())
			if err != nil {
				t.Fatal(err)
			}
			p.write(result.Files)
			same("remove part")
			p.removeScheduler("gpu-aware")
			same("remove scheduler")
			p.removeScheduler("binpack")
			same("remove scheduler")
			if result := p.removeScheduler("binpack"); len(result.Files)+len(result.Remove) != 0 {
				t.Error("removed twice, something changed again")
			}
		})
	}
}

// What the project imports itself stays required when a scheduler that does too is removed.
func TestWhatIsImportedStaysRequired(t *testing.T) {
	p := newTestProject(t, "example.com/project")
	p.addBuiltin()
	p.addScheduler("binpack")
	p.write(map[string][]byte{"pkg/own/own.go": []byte("package own\n\nimport _ \"k8s.io/kube-scheduler/framework\"\n")})
	p.removeScheduler("binpack")
	for _, want := range []string{"\tk8s.io/kube-scheduler v", "\tk8s.io/api v"} {
		for line := range strings.Lines(string(p.read("go.mod"))) {
			if direct := !strings.Contains(line, "// indirect"); strings.HasPrefix(line, want) && direct != (want == "\tk8s.io/kube-scheduler v") {
				t.Errorf("go.mod has the line %s", line)
			}
		}
	}
}

// modules are the files that say what the project needs, and main.go.
func (p *testProject) modules() map[string]string {
	p.Helper()
	files := map[string]string{}
	for _, file := range []string{"main.go", "go.mod", "go.sum"} {
		files[file] = string(p.read(file))
	}
	return files
}

func (p *testProject) addResources(resources ...builtin.Resource) *Result {
	p.Helper()
	result, err := AddBuiltinResources(p.load(), resources)
	if err != nil {
		p.Fatal(err)
	}
	p.write(result.Files)
	return result
}

func testModuleFiles(t *testing.T, c composition, d Dependency, add func(*testProject)) {
	p := newTestProjectWith(t, "example.com/project", d)
	if *updateModules {
		p.requireWhatKubecraftDoes()
	}
	add(p)
	p.generate()
	if *updateModules {
		p.run("go", "mod", "tidy")
		name := "project"
		if d.Sources == nil {
			p.storeModuleFile(c)
		} else {
			name = "bundled"
		}
		switch {
		case c == withSchedulers, c == withKubelets: // they have those of the parts, as tidy says below
			return
		case c == withTokens, c == withAuthorizers, c == withAdmission: // those of every project will do
			return
		case c.isKubernetes(), c == withOIDC:
			name += "-" + string(c)
		}
		p.store(name+".sum", p.read("go.sum"))
	}
	p.run("go", "mod", "tidy", "-diff")
	p.run("go", "list", "-m", "all")
}

// sources is what the kubecraft command embeds.
func sources(t *testing.T) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS(checkout(t))
	for _, part := range []string{"runtime", "go.mod", "go.sum", "LICENSE"} {
		err := fs.WalkDir(root, part, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(root, name)
			files[name] = &fstest.MapFile{Data: content}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
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
		file.AddReplace(KubecraftModule, "", modfileReplacement(p), ""),
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

// modfileReplacement is where the project finds kubecraft.
func modfileReplacement(p *testProject) string {
	p.Helper()
	file, err := modfile.Parse("go.mod", p.read("go.mod"), nil)
	if err != nil || len(file.Replace) != 1 {
		p.Fatalf("go.mod of a new project replaces %d modules: %v", len(file.Replace), err)
	}
	return file.Replace[0].New.Path
}

func (p *testProject) storeModuleFile(c composition) {
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
	if c.isKubernetes() {
		for _, x := range tidy.Exclude {
			if err := file.AddExclude(x.Mod.Path, x.Mod.Version); err != nil {
				p.Fatal(err)
			}
		}
	}
	file.Cleanup()
	mod, err := file.Format()
	if err != nil {
		p.Fatal(err)
	}
	p.store(string(c)+".mod", mod)
}

func (p *testProject) store(name string, content []byte) {
	p.Helper()
	if err := os.WriteFile(filepath.Join(checkout(p.T), "templates", "project", "modules", name), content, 0o644); err != nil {
		p.Fatal(err)
	}
}
