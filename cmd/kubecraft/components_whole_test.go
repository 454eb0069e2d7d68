//go:build whole

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestWholeComponents adds a scheduler and a kubelet of one's own to a project whose main.go has been written by hand, from an empty
// folder on, has kubectl use them, and takes them out again.
func TestWholeComponents(t *testing.T) {
	t.Parallel()
	env := goEnv(t)
	kubectl := findTool(t, "kubectl")
	project := filepath.Join(t.TempDir(), "demo")
	run(t, env, "", "kubecraft", "init", project, "--module", "example.com/demo", "--kubecraft", "../..")
	verb := func(line string) { run(t, env, project, "kubecraft", strings.Fields(line)...) }
	verb("add builtin --all")
	rewriteMain(t, project, "whole.All()")
	before := snapshot(t, project)
	verb("add part controllers scheduler kubelet")
	verb("add scheduler binpack")
	verb("add kubelet worker")
	stop := serve(t, env, project)

	t.Run("components", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join("testdata", "components"), RequireExplicitExec: true, RequireUniqueNames: true, Cmds: commands(),
			Setup: func(e *testscript.Env) error {
				e.Vars = append(e.Vars, env...)
				e.Setenv("HOME", e.WorkDir)
				e.Setenv("PATH", filepath.Dir(kubectl)+string(filepath.ListSeparator)+e.Getenv("PATH"))
				return useServer(e, kubectl, project, strings.TrimPrefix(filepath.Base(e.WorkDir), "script-"))
			},
		})
	})
	stop()
	verb("remove kubelet worker")
	verb("remove part controllers scheduler kubelet")
	verb("remove scheduler binpack")
	if diff := changed(before, snapshot(t, project)); len(diff) > 0 {
		t.Errorf("the removal of what was added left something behind: %v", diff)
	}
}
