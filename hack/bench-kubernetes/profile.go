package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// profiled is how many seconds of a step are profiled.
const profiled = 3

// split is what a profile is split into. What the runtime does for others comes first.
func split() bench.Split {
	return bench.Split{
		Work: []bench.Part{
			bench.Collector(),
			{Name: "allocation", Marks: []string{"runtime.mallocgc", "runtime.growslice", "runtime.makeslice"}},
			{Name: "growing stacks", Marks: []string{"runtime.newstack", "runtime.morestack"}},
			{Name: "SQLite", Marks: []string{"modernc.org/"}},
			{Name: "managed fields", Marks: []string{"sigs.k8s.io/structured-merge-diff", "k8s.io/apimachinery/pkg/util/managedfields"}},
			{Name: "compression", Marks: []string{"compress/", "klauspost/compress"}},
			{Name: "JSON, protobuf, CBOR", Marks: []string{"sigs.k8s.io/json", "encoding/json", "k8s.io/apimachinery/pkg/runtime/serializer", "google.golang.org/protobuf", ").Marshal", ").Unmarshal"}},
		},
		Whose: []bench.Part{
			{Name: "TLS, HTTP/2, system calls", Marks: []string{"crypto/", "golang.org/x/net/http2", "net/http.(*http2", "syscall.", "internal/poll."}},
			{Name: "kubecraft: the rest", Marks: []string{"github.com/kubecraft/"}},
			{Name: "upstream: the rest", Marks: []string{"k8s.io/"}},
		},
		Rest: "the runtime's scheduler and others",
	}
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
			shares, err := split().Shares(ctx, file)
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
	for _, name := range split().Names() {
		fmt.Printf("%-36s", name)
		for _, shares := range columns {
			fmt.Printf("%14.1f", 100*shares[name])
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
