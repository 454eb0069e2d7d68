//go:build whole

package main

import (
	"flag"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// killPods is how many pods there are to be when the server is killed. hack/test-reliability.sh has 10,000.
var killPods = flag.Int("kill-pods", 600, "pods of the roll-out that a server is killed in")

// TestWhole runs the command with the control plane compiled in, outside projects: its own scripts, those of a cluster, each in one of
// its own, and those of the built-in API that a project is tested with. Helm, kubectl 1.37, etcdctl, a manager of controller-runtime's and
// upstream's kube-scheduler and sample-controller, which take long to compile, run here alone.
func TestWhole(t *testing.T) {
	t.Parallel()
	env := goEnv(t)
	kubectl, etcdctl, helm := findTool(t, "kubectl"), findTool(t, "etcdctl"), findTool(t, "helm")
	newest, manager, sampleController := buildTool(t, "kubectl"), buildTool(t, "controller-runtime"), buildTool(t, "sample-controller")
	light := filepath.Join(t.TempDir(), "light")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", light, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	home := t.TempDir()
	env = append(env, "HOME="+home, "XDG_DATA_HOME=", "KUBECONFIG=")
	instance := filepath.Join(home, ".local", "share", "kubecraft", "default")

	setup := func(e *testscript.Env) error {
		e.Vars = append(e.Vars, env...)
		e.Setenv("HOME", e.WorkDir)
		e.Setenv("LIGHT", light)
		e.Setenv("NEWEST_KUBECTL", newest)
		e.Setenv("MANAGER", manager)
		e.Setenv("SAMPLE_CONTROLLER", sampleController)
		e.Setenv("PATH", strings.Join([]string{filepath.Dir(etcdctl), filepath.Dir(helm), e.Getenv("PATH")}, string(filepath.ListSeparator)))
		return nil
	}
	with := func(condition string) (bool, error) { return condition == "newest", nil }
	params := testscript.Params{RequireExplicitExec: true, RequireUniqueNames: true, Setup: setup, Cmds: commands(), Condition: with}

	t.Run("alone", func(t *testing.T) {
		p := params
		p.Dir = "testdata/whole"
		testscript.Run(t, p)
	})
	t.Run("cluster", func(t *testing.T) {
		kwok := moduleDir(t, ".", "sigs.k8s.io/kwok")
		scheduler := filepath.Join(t.TempDir(), "kube-scheduler")
		run(t, env, ".", "go", "build", "-o", scheduler, "k8s.io/kubernetes/cmd/kube-scheduler")
		p := params
		p.Dir = "testdata/cluster"
		p.Cmds = commands()
		p.Cmds["extender"] = extender
		p.Setup = func(e *testscript.Env) error {
			if err := setup(e); err != nil {
				return err
			}
			e.Setenv("KWOK", kwok)
			e.Setenv("KUBE_SCHEDULER", scheduler)
			e.Setenv("PODS", strconv.Itoa(*killPods))
			e.Setenv("NODES", strconv.Itoa(*killPods/30))
			e.Setenv("PATH", filepath.Dir(kubectl)+string(filepath.ListSeparator)+e.Getenv("PATH"))
			return nil
		}
		testscript.Run(t, p)
	})
	stop := serveIn(t, env, t.TempDir(), filepath.Join(instance, "pki", "kubeconfig"))
	run(t, env, "", kubectl, "--kubeconfig", filepath.Join(instance, "pki", "kubeconfig"), "create", "-f", "../../hack/controller-runtime/config/crd")
	t.Run("clients", func(t *testing.T) {
		sample := moduleDir(t, filepath.Join("..", "..", "hack", "sample-controller"), "k8s.io/sample-controller")
		p := params
		for _, dir := range []string{"builtin", "clients"} {
			scripts, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
			if err != nil || len(scripts) == 0 {
				t.Fatalf("no scripts in %s: %v", dir, err)
			}
			p.Files = append(p.Files, scripts...)
		}
		p.Files = slices.DeleteFunc(p.Files, func(name string) bool { return filepath.Base(name) == "beside.txtar" }) // of a project's own types
		p.Setup = func(e *testscript.Env) error {
			if err := setup(e); err != nil {
				return err
			}
			e.Setenv("SAMPLE", sample)
			e.Setenv("PATH", filepath.Dir(kubectl)+string(filepath.ListSeparator)+e.Getenv("PATH"))
			return useServer(e, kubectl, instance, strings.TrimPrefix(filepath.Base(e.WorkDir), "script-"))
		}
		testscript.Run(t, p)
	})
	stop()
}

// moduleDir returns the folder of a module that the one in dir requires.
func moduleDir(t *testing.T, dir, module string) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module)
	list.Dir = dir
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list -m %s in %s: %v", module, dir, err)
	}
	return strings.TrimSpace(string(out))
}
