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

	"github.com/kubecraft/kubecraft/hack/origin"
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
	table, err := origin.New()
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
		whose := table.Of(a.Package)
		s := shares[whose]
		shares[whose] = share{s.packages + 1, s.cpu + cpu}
		all += cpu
	}
	fmt.Printf("examples/minimal, empty build cache: %.0f s\n", took.Seconds())
	for _, whose := range origin.All() {
		s := shares[whose]
		fmt.Printf("%-34s %5d packages %6.0f s CPU %5.1f %%\n", whose, s.packages, s.cpu.Seconds(), 100*s.cpu.Seconds()/all.Seconds())
	}
	return nil
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
