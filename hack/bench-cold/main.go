// Command bench-cold times the README's first command from an empty build cache, and says where the time of a project's
// first build goes: CPU seconds by whose packages they are. Downloads are not counted.
//
//	go run ./hack/bench-cold               # takes about ten minutes on two cores
//	go run ./hack/bench-cold -demo=false   # the profile alone
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	demo := flag.Bool("demo", true, "time `go run ./cmd/kubecraft demo` first")
	flag.Parse()
	if err := bench(*demo); err != nil {
		fmt.Fprintln(os.Stderr, "bench-cold:", err)
		os.Exit(1)
	}
}

func bench(demo bool) error {
	if demo {
		var took time.Duration
		err := withEmptyCache(func(env []string) error {
			begin := time.Now()
			err := run(env, ".", "run", "./cmd/kubecraft", "demo")
			took = time.Since(begin)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("go run ./cmd/kubecraft demo, empty build cache: %.0f s\n", took.Seconds())
	}
	return withEmptyCache(profile)
}

func withEmptyCache(f func(env []string) error) error {
	cache, err := os.MkdirTemp("", "bench-cold-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	return f(append(os.Environ(), "GOCACHE="+cache))
}

// profile builds examples/minimal and prints what its packages took, linking left out.
func profile(env []string) error {
	graph := filepath.Join(os.TempDir(), fmt.Sprintf("bench-cold-%d.json", os.Getpid()))
	defer os.Remove(graph)
	begin := time.Now()
	if err := run(env, "examples/minimal", "build", "-debug-actiongraph="+graph, "-o", os.DevNull, "."); err != nil {
		return err
	}
	took := time.Since(begin)
	upstream, err := closure()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(graph)
	if err != nil {
		return err
	}
	var actions []struct {
		Mode, Package   string
		CmdUser, CmdSys time.Duration
	}
	if err := json.Unmarshal(text, &actions); err != nil {
		return err
	}
	type share struct {
		packages int
		cpu      time.Duration
	}
	shares := map[string]share{}
	var all time.Duration
	for _, a := range actions {
		cpu := a.CmdUser + a.CmdSys
		if a.Mode != "build" || cpu == 0 {
			continue
		}
		whose := "other libraries"
		switch {
		case upstream[a.Package]:
			whose = "k8s.io/apiserver and its imports"
		case strings.HasPrefix(a.Package, "modernc.org/"):
			whose = "SQLite"
		case strings.HasPrefix(a.Package, "github.com/kubecraft/"), strings.HasPrefix(a.Package, "example.com/"):
			whose = "kubecraft and the project"
		}
		s := shares[whose]
		shares[whose] = share{s.packages + 1, s.cpu + cpu}
		all += cpu
	}
	fmt.Printf("examples/minimal, empty build cache: %.0f s\n", took.Seconds())
	for _, whose := range []string{"k8s.io/apiserver and its imports", "SQLite", "kubecraft and the project", "other libraries"} {
		s := shares[whose]
		fmt.Printf("%-34s %5d packages %6.0f s CPU %5.1f %%\n", whose, s.packages, s.cpu.Seconds(), 100*s.cpu.Seconds()/all.Seconds())
	}
	return nil
}

// closure returns upstream's packages that any server of this kind consists of: the generic API server, its registry, the
// etcd3 storage and the watch cache, with all that they import.
func closure() (map[string]bool, error) {
	out, err := exec.Command("go", "list", "-deps", "k8s.io/apiserver/pkg/server", "k8s.io/apiserver/pkg/registry/generic/registry",
		"k8s.io/apiserver/pkg/storage/etcd3", "k8s.io/apiserver/pkg/storage/cacher").Output()
	if err != nil {
		return nil, err
	}
	packages := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		packages[strings.TrimSpace(line)] = true
	}
	return packages, nil
}

func run(env []string, dir string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out.String())
	}
	return nil
}
