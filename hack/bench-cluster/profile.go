package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// profiled is how many seconds of a step are profiled: its first.
const profiled = 15

// split is what a profile is split into.
func split() bench.Split {
	return bench.Split{
		Work: []bench.Part{
			bench.Collector(),
			{Name: "growing stacks", Marks: []string{"runtime.newstack", "runtime.morestack"}},
			{Name: "SQLite", Marks: []string{"modernc.org/"}},
			{Name: "upstream's scheduler: plugins", Marks: []string{"k8s.io/kubernetes/pkg/scheduler/framework/plugins", "k8s.io/kubernetes/pkg/scheduler/framework/runtime"}},
			{Name: "recording decisions", Marks: []string{"kubecraft/runtime/scheduler"}},
			{Name: "upstream's scheduler: the rest", Marks: []string{"k8s.io/kubernetes/pkg/scheduler"}},
			{Name: "managed fields", Marks: []string{"sigs.k8s.io/structured-merge-diff", "k8s.io/apimachinery/pkg/util/managedfields"}},
			{Name: "simulated kubelets", Marks: []string{"kubecraft/runtime/kubelet"}},
			{Name: "controllers", Marks: []string{"k8s.io/kubernetes/pkg/controller/"}},
			{Name: "watch caches and informers", Marks: []string{"k8s.io/apiserver/pkg/storage/cacher", "k8s.io/client-go/tools/cache", "kubecraft/runtime/informers"}},
			{Name: "requests", Marks: []string{"k8s.io/apiserver/pkg/endpoints", "k8s.io/apiserver/pkg/server", "golang.org/x/net/http2", "net/http.", "k8s.io/client-go/rest"}},
		},
		Whose: []bench.Part{
			{Name: "kubecraft: the rest", Marks: []string{"github.com/kubecraft/"}},
			{Name: "upstream: the rest", Marks: []string{"k8s.io/"}},
		},
		Rest: "the runtime's scheduler and others",
	}
}

// owners splits a profile by the innermost function that is somebody's.
func owners() bench.Split {
	return bench.Split{
		Work:  []bench.Part{bench.Collector()},
		Whose: []bench.Part{{Name: "kubecraft's own code", Marks: []string{"github.com/kubecraft/"}}, {Name: "modules that it uses", Marks: []string{"k8s.io/", "github.com/", "golang.org/", "modernc.org/", "go.opentelemetry.io/", "go.etcd.io/", "go.uber.org/"}}},
		Rest:  "Go's library and runtime",
	}
}

// shares are the parts of a step's profile, nil if none was made.
type shares struct{ parts, owners map[string]float64 }

// profileStep has the first seconds of a step profiled.
func (c *cluster) profileStep(what string) <-chan *shares {
	done := make(chan *shares, 1)
	if c.profile == "" {
		done <- nil
		return done
	}
	go func() {
		s, err := c.writeProfile(filepath.Join(c.profile, strings.ReplaceAll(what, " ", "-")+".pprof"))
		if err != nil {
			fmt.Fprintln(os.Stderr, "profile:", err)
		}
		done <- s
	}()
	return done
}

func (c *cluster) writeProfile(file string) (*shares, error) {
	ctx := context.Background()
	body, err := c.client.Discovery().RESTClient().Get().AbsPath("/debug/pprof/profile").Param("seconds", fmt.Sprint(profiled)).DoRaw(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, err
	}
	var s shares
	if s.parts, err = split().Shares(ctx, file); err != nil {
		return nil, err
	}
	s.owners, err = owners().Shares(ctx, file)
	return &s, err
}

func (s *shares) print() {
	if s == nil {
		return
	}
	for _, name := range split().Names() {
		fmt.Printf("    %-36s %5.1f %%\n", name, 100*s.parts[name])
	}
	fmt.Println("  by the innermost function that is somebody's:")
	for _, name := range owners().Names() {
		fmt.Printf("    %-36s %5.1f %%\n", name, 100*s.owners[name])
	}
}
