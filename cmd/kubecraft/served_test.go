package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestServed makes one project with the verbs, as the transcript does, serves it, and runs every script that
// needs a server: compiling is what takes the time. Scripts in testdata/kubectl share one server and have a namespace
// each; those in testdata/served come after it and start servers of their own, one after the other.
func TestServed(t *testing.T) {
	t.Parallel()
	env := goEnv(t)
	compiled := compileKubernetes(t)
	kubectl := findTool(t, "kubectl")
	project := filepath.Join(t.TempDir(), "demo")
	run(t, env, "", "kubecraft", "init", project, "--module", "example.com/demo", "--kubecraft", "../..")
	rewriteMain(t, project)
	for _, args := range []string{"Foo", "Bar --short-names br --categories things", "Pool --scale", "Zone --cluster-scoped --no-status"} {
		run(t, env, project, "kubecraft", append([]string{"add", "type", "example/v1"}, strings.Fields(args)...)...)
	}
	limitDescription(t, filepath.Join(project, "pkg", "apis", "example", "v1", "zone.go"))
	addRing(t, env, project)
	stop := serve(t, env, project)

	setup := func(e *testscript.Env) error {
		e.Vars = append(e.Vars, env...)
		name := filepath.Base(e.WorkDir)
		namespace := strings.TrimPrefix(name, "script-")
		if err := useServer(e, kubectl, project, namespace); err != nil {
			return err
		}
		e.Setenv("HOME", e.WorkDir)
		e.Setenv("PATH", filepath.Dir(kubectl)+string(filepath.ListSeparator)+e.Getenv("PATH"))
		return nil
	}
	params := func(dir string) testscript.Params {
		return testscript.Params{Dir: dir, RequireExplicitExec: true, RequireUniqueNames: true, Setup: setup, Cmds: commands(), Condition: without}
	}
	// The group ends when its parallel scripts have.
	t.Run("kubectl", func(t *testing.T) { testscript.Run(t, params("testdata/kubectl")) })
	stop()
	scripts, err := filepath.Glob("testdata/served/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		p := params("")
		p.Files = []string{script}
		t.Run("served", func(t *testing.T) { testscript.Run(t, p) })
	}

	// The same project with some of the built-in API beside its types and a controller, then with all of it, over the same data, and back.
	before := snapshot(t, project)
	if err := <-compiled; err != nil {
		t.Fatal(err)
	}
	run(t, env, project, "kubecraft", "add", "builtin", "nodes", "pods", "namespaces", "deployments")
	run(t, env, project, "kubecraft", "add", "controller", "poolkeeper", "--for", "example/v1/Pool")
	stop = serve(t, env, project)
	t.Run("resources", func(t *testing.T) { testscript.Run(t, params("testdata/resources")) })
	stop()
	run(t, env, project, "kubecraft", "add", "builtin", "--all")
	stop = serve(t, env, project)
	t.Run("builtin", func(t *testing.T) { testscript.Run(t, params("testdata/builtin")) })
	stop()
	run(t, env, project, "kubecraft", "remove", "builtin")
	run(t, env, project, "kubecraft", "remove", "controller", "poolkeeper")
	if after := snapshot(t, project); !maps.Equal(before, after) {
		t.Errorf("the removal of what was added left something behind: %v", changed(before, after))
	}
}

// without is the condition of what is not built here, for the time that it takes: TestWhole has it.
func without(condition string) (bool, error) {
	if condition == "newest" {
		return false, nil
	}
	return false, fmt.Errorf("unknown condition %q", condition)
}

// useServer gives a script a kubeconfig of its own, for the server that was started in dir and for a namespace.
func useServer(e *testscript.Env, kubectl, dir, namespace string) error {
	kubeconfig := filepath.Join(e.WorkDir, "kubeconfig")
	text, err := os.ReadFile(filepath.Join(dir, "pki", "kubeconfig"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(kubeconfig, text, 0o600); err != nil {
		return err
	}
	set := exec.Command(kubectl, "--kubeconfig", kubeconfig, "config", "set-context", "--current", "--namespace", namespace)
	if out, err := set.CombinedOutput(); err != nil {
		return errors.New(string(out))
	}
	e.Setenv("PROJECT", dir)
	e.Setenv("NAMESPACE", namespace)
	e.Setenv("KUBECONFIG", kubeconfig)
	return nil
}

// compileKubernetes has go compile the built-in API beside what needs it later. It takes minutes, and begins while go tests
// other packages: once go comes to compile the same for the tests of runtime/kubernetes, both would.
func compileKubernetes(t *testing.T) <-chan error {
	build := exec.CommandContext(t.Context(), "go", "build", "./runtime/kubernetes/...")
	build.Dir = filepath.Join("..", "..")
	done := make(chan error, 1)
	go func() {
		out, err := build.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("go build ./runtime/kubernetes/...: %w\n%s", err, out)
		}
		done <- err
	}()
	return done
}

// rewriteMain writes a new project's main.go anew, as somebody might who has a taste of their own. Parts are those of the built-in API that
// the project serves, of a package that is called whole.
func rewriteMain(t *testing.T, project string, parts ...string) {
	t.Helper()
	builtin := ""
	if len(parts) > 0 {
		builtin = "\twhole \"github.com/kubecraft/kubecraft/runtime/kubernetes\"\n"
	}
	text := `// Command demo serves what we need.
package main

import (
	"log"
	"os"

	cp "github.com/kubecraft/kubecraft/runtime/controlplane"
` + builtin + `
	"example.com/demo/pkg/apiserver"
)

func main() {
	log.SetPrefix("demo: ")

	code := cp.Main("demo", os.Args[1:],
		// Our own types first.
		` + strings.Join(append([]string{"apiserver.Groups()"}, parts...), ", // and what Kubernetes has\n\t\t") + `)
	os.Exit(code)
}
`
	if err := os.WriteFile(filepath.Join(project, "main.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// snapshot returns the files that a project keeps in git.
func snapshot(t *testing.T, project string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(project, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(project, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name == "bin" || name == "data" || name == "pki" {
				return fs.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// changed names the files that differ.
func changed(before, after map[string]string) []string {
	var names []string
	for name, content := range after {
		if before[name] != content {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// limitDescription gives a type's description a validation tag, as a user would write it.
func limitDescription(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const field = "\tDescription string"
	limited := strings.Replace(string(text), field, "\t// +k8s:optional\n\t// +k8s:maxLength=20\n"+field, 1)
	if limited == string(text) {
		t.Fatalf("%s has no description", file)
	}
	if err := os.WriteFile(file, []byte(limited), 0o644); err != nil {
		t.Fatal(err)
	}
}

// addRing adds a type with little, and all that verbs can add to one. Its second version differs.
func addRing(t *testing.T, env []string, project string) {
	t.Helper()
	verb := func(line string) { run(t, env, project, "kubecraft", strings.Fields(line)...) }
	verb("add type rings.example.com/v1/Ring --no-status")
	verb("add type rings.example.com/v2/Ring")
	file := filepath.Join(project, "pkg", "apis", "rings", "v2", "ring.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`Description string `+"`json:\"description,"), []byte(`Text string `+"`json:\"text,"), 1)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	verb("add conversion rings.example.com/v2/Ring")
	verb("add subresource rings.example.com/v1/Ring status")
	verb("add subresource rings.example.com/v1/Ring scale")
	verb("add subresource rings.example.com/v1/Ring approve --field status.phase")
	verb("add validation rings.example.com/v1/Ring")
	verb("add defaulting rings.example.com/v1/Ring")
	verb("add printcolumns rings.example.com/v1/Ring --column Generation=.metadata.generation")
}

// findTool returns a tool on PATH, or the one that hack/NAME builds.
func findTool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return buildTool(t, name)
}

// buildTool returns the tool of the module in hack/NAME. Go keeps it in its cache.
func buildTool(t *testing.T, name string) string {
	t.Helper()
	build := exec.Command("go", "tool", "-n", name)
	build.Dir = filepath.Join("..", "..", "hack", name)
	out, err := build.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			out = failed.Stderr
		}
		t.Fatalf("hack/%s cannot be built: %v\n%s", name, err, out)
	}
	return strings.TrimSpace(string(out))
}

func run(t *testing.T, env []string, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// serve runs `kubecraft serve` in the project until the function it returns is called.
func serve(t *testing.T, env []string, project string, args ...string) (stop func()) {
	t.Helper()
	return serveIn(t, env, project, filepath.Join(project, "pki", "kubeconfig"), args...)
}

// serveIn runs `kubecraft serve` in a folder, and returns when the server answers that the kubeconfig comes to name.
func serveIn(t *testing.T, env []string, dir, kubeconfig string, args ...string) (stop func()) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("kubecraft", append([]string{"serve"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("kubecraft serve ended with %v:\n%s", err, out.String())
		}
	}
	t.Cleanup(stop)

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute) // it compiles Kubernetes
	defer cancel()
	ready := make(chan error, 1)
	go func() { ready <- awaitReady(ctx, kubeconfig) }()
	select {
	case err := <-ready:
		if err != nil {
			t.Fatal(err)
		}
	case err := <-ended:
		stopped = true
		t.Fatalf("kubecraft serve ended with %v:\n%s", err, out.String())
	}
	return stop
}
