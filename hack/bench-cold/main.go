// Command bench-cold times the README's first command from an empty build cache, and says where the time of a project's
// first build goes: CPU seconds by whose packages they are. Downloads are not counted.
//
//	go run ./hack/bench-cold               # takes about ten minutes on two cores
//	go run ./hack/bench-cold -demo=false   # the profile alone
//	go run ./hack/bench-cold -tests        # all tests instead: time, memory and cache
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kubecraft/kubecraft/hack/origin"
)

func main() {
	demo := flag.Bool("demo", true, "time `go run ./cmd/kubecraft demo` first")
	tests := flag.Bool("tests", false, "time `go test ./...` alone, and watch the memory and the cache that it takes")
	flag.Parse()
	if err := bench(*demo, *tests); err != nil {
		fmt.Fprintln(os.Stderr, "bench-cold:", err)
		os.Exit(1)
	}
}

func bench(demo, tests bool) error {
	if tests {
		return withEmptyCache(timeTests)
	}
	if demo {
		var took time.Duration
		err := withEmptyCache(func(_ string, env []string) error {
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

func withEmptyCache(f func(cache string, env []string) error) error {
	cache, err := os.MkdirTemp("", "bench-cold-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	return f(cache, append(os.Environ(), "GOCACHE="+cache))
}

// timeTests runs all tests. The memory is what of the machine's is not available at the worst moment, less what was not at
// first.
func timeTests(cache string, env []string) error {
	before, err := availableMemory()
	if err != nil {
		return err
	}
	least := before
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for tick := time.NewTicker(time.Second); ; {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if now, err := availableMemory(); err == nil {
				least = min(least, now)
			}
		}
	})
	begin := time.Now()
	err = run(env, ".", "test", "-timeout", "60m", "./...")
	took := time.Since(begin)
	close(done)
	watching.Wait()
	if err != nil {
		return err
	}
	var size int64
	if err := filepath.WalkDir(cache, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	}); err != nil {
		return err
	}
	fmt.Printf("go test ./..., empty build cache: %.0f s, %.1f GiB of memory, %.1f GiB of build cache\n",
		took.Seconds(), float64(before-least)/gib, float64(size)/gib)
	return nil
}

const gib = 1 << 30

// availableMemory returns the bytes that the machine has left for programs.
func availableMemory() (int64, error) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "MemAvailable:" {
			kib, err := strconv.ParseInt(words[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("/proc/meminfo has no MemAvailable")
}

// profile builds examples/minimal and prints what its packages took, linking left out.
func profile(_ string, env []string) error {
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
