package scaffold

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == codegen.Command {
		os.Exit(codegen.Child(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// testProject is a generated project on disk, which uses this checkout of kubecraft.
type testProject struct {
	*testing.T
	dir string
}

func newTestProject(t *testing.T, module string) *testProject {
	t.Helper()
	return newTestProjectWith(t, module, Dependency{Replace: checkout(t)})
}

func newTestProjectWith(t *testing.T, module string, d Dependency) *testProject {
	t.Helper()
	p := &testProject{T: t, dir: t.TempDir()}
	files, err := Init(InitOptions{Module: module, Kubecraft: d})
	if err != nil {
		t.Fatal(err)
	}
	p.write(files)
	return p
}

func checkout(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (p *testProject) write(files map[string][]byte) {
	p.Helper()
	for name, content := range files {
		file := filepath.Join(p.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			p.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			p.Fatal(err)
		}
	}
}

func (p *testProject) remove(name string) {
	p.Helper()
	if err := os.Remove(filepath.Join(p.dir, filepath.FromSlash(name))); err != nil {
		p.Fatal(err)
	}
}

func (p *testProject) read(name string) []byte {
	p.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		p.Fatal(err)
	}
	return content
}

// edit replaces text in a file as a user would.
func (p *testProject) edit(name, old, new string) {
	p.Helper()
	content := p.read(name)
	if !bytes.Contains(content, []byte(old)) {
		p.Fatalf("%s does not contain %q", name, old)
	}
	p.write(map[string][]byte{name: bytes.Replace(content, []byte(old), []byte(new), 1)})
}

// add adds a kind, without generating anything.
func (p *testProject) add(groupVersion, kind string, options ...func(*resourceOption)) *Result {
	p.Helper()
	r := p.resource(groupVersion, kind, options...)
	loaded, err := project.Load(p.dir)
	if err != nil {
		p.Fatal(err)
	}
	result, err := AddType(loaded, r)
	if err != nil {
		p.Fatalf("add type %s %s: %v", groupVersion, kind, err)
	}
	p.write(result.Files)
	return result
}

func (p *testProject) resource(groupVersion, kind string, options ...func(*resourceOption)) resource.Resource {
	p.Helper()
	group, version, err := resource.ParseGroupVersion(groupVersion)
	if err != nil {
		p.Fatal(err)
	}
	r := resource.Resource{Group: group, Version: version, Kind: kind}
	for _, option := range options {
		option(&r)
	}
	return r
}

func (p *testProject) generate() {
	p.Helper()
	result, err := codegen.Run(p.Context(), codegen.Options{Dir: p.dir})
	if err != nil {
		p.Fatal(err)
	}
	p.write(result.Files)
	for _, name := range result.Remove {
		p.remove(name)
	}
}

// run runs a command in the project and fails with its output.
func (p *testProject) run(name string, args ...string) string {
	p.Helper()
	command := exec.CommandContext(p.Context(), name, args...)
	command.Dir = p.dir
	command.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	output, err := command.CombinedOutput()
	if err != nil {
		p.Fatalf("%s %q in the generated project: %v\n%s", name, args, err, output)
	}
	return string(output)
}

// resourceOption is what an option sets.
type resourceOption = resource.Resource

func shortNames(names ...string) func(*resourceOption) {
	return func(r *resourceOption) { r.ShortNames = names }
}

func categories(names ...string) func(*resourceOption) {
	return func(r *resourceOption) { r.Categories = names }
}

func clusterScoped(r *resourceOption) { r.ClusterScoped = true }
func noStatus(r *resourceOption)      { r.NoStatus = true }
func withScaling(r *resourceOption)   { r.Scale = true }
