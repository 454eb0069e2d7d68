package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// profiled is how many seconds of a step are profiled.
const profiled = 3

// part is work that a stack of calls can be of: a function of it has one of the marks in its name.
type part struct {
	name  string
	marks []string
}

// work is what a profile is split into, the first that fits. What the runtime does for others comes first.
func work() []part {
	return []part{
		{"garbage collector", []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.gcStart", "runtime.bgscavenge", "runtime.gcMarkTermination"}},
		{"allocation", []string{"runtime.mallocgc", "runtime.growslice", "runtime.makeslice"}},
		{"growing stacks", []string{"runtime.newstack", "runtime.morestack"}},
		{"SQLite", []string{"modernc.org/"}},
		{"managed fields", []string{"sigs.k8s.io/structured-merge-diff", "k8s.io/apimachinery/pkg/util/managedfields"}},
		{"compression", []string{"compress/", "klauspost/compress"}},
		{"JSON, protobuf, CBOR", []string{"sigs.k8s.io/json", "encoding/json", "k8s.io/apimachinery/pkg/runtime/serializer", "google.golang.org/protobuf", ").Marshal", ").Unmarshal"}},
	}
}

// whose is what is left, by the innermost function that is of one of them.
func whose() []part {
	return []part{
		{"TLS, HTTP/2, system calls", []string{"crypto/", "golang.org/x/net/http2", "net/http.(*http2", "syscall.", "internal/poll."}},
		{"kubecraft: the rest", []string{"github.com/kubecraft/"}},
		{"upstream: the rest", []string{"k8s.io/"}},
		{"the runtime's scheduler and others", nil},
	}
}

func (p part) has(function string) bool {
	return slices.ContainsFunc(p.marks, func(mark string) bool { return strings.Contains(function, mark) })
}

// profile puts examples/kubernetes over SQLite, alone, to the load, and prints what its CPU time is spent on in each step.
func profile(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "bench-kubernetes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	one := []side{{&bench.Figures{Name: "sqlite"}, ours(o.server, "sqlite")}}
	var names []string
	var columns []map[string]float64
	err = together(ctx, dir, one, o.load, func(runners []*runner) error {
		for _, s := range o.load.steps() {
			file := filepath.Join(dir, "cpu.pprof")
			written := make(chan error, 1)
			go func() { written <- runners[0].writeProfile(file) }()
			err := s.run(ctx, runners)
			if err := cmp.Or(err, <-written); err != nil {
				return err
			}
			shares, err := split(ctx, file)
			if err != nil {
				return err
			}
			names, columns = append(names, s.name), append(columns, shares)
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("%-36s", "share of the server's CPU time, %")
	for _, name := range names {
		what, _, _ := strings.Cut(name, ",")
		fmt.Printf("%14s", what)
	}
	fmt.Println()
	for _, p := range append(work(), whose()...) {
		fmt.Printf("%-36s", p.name)
		for _, shares := range columns {
			fmt.Printf("%14.1f", 100*shares[p.name])
		}
		fmt.Println()
	}
	return nil
}

func (r *runner) writeProfile(file string) error {
	client := r.client()
	defer client.CloseIdleConnections()
	text, err := bench.Send(client, http.MethodGet, fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", r.url, profiled), nil, http.StatusOK)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// split returns the shares of the parts, by Go's own reading of a profile: a time, then a stack of functions, for each sample.
func split(ctx context.Context, file string) (map[string]float64, error) {
	command := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", file)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go tool pprof: %w", err)
	}
	spent := map[string]time.Duration{}
	var all, took time.Duration
	var stack []string
	end := func() {
		spent[of(stack)] += took
		all += took
		took, stack = 0, nil
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) > 0 && strings.HasPrefix(words[0], "-----"):
			end()
		case len(words) > 1 && took == 0:
			if took, err = time.ParseDuration(words[0]); err != nil {
				took = 0 // the head of the output
				continue
			}
			stack = append(stack, words[1])
		case len(words) > 0 && took > 0:
			stack = append(stack, words[0])
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	end()
	if all == 0 {
		return nil, fmt.Errorf("%s has no samples", file)
	}
	shares := map[string]float64{}
	for name, t := range spent {
		shares[name] = t.Seconds() / all.Seconds()
	}
	return shares, nil
}

// of returns what a stack, its innermost function first, is part of.
func of(stack []string) string {
	for _, p := range work() {
		if slices.ContainsFunc(stack, p.has) {
			return p.name
		}
	}
	left := whose()
	for _, function := range stack {
		for _, p := range left[:len(left)-1] {
			if p.has(function) {
				return p.name
			}
		}
	}
	return left[len(left)-1].name
}
