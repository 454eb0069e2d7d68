// Command bench-codegen compares kubecraft's code generation with upstream's kube_codegen.sh: the same output for the
// same project, both warm, in one run. It prints the median wall time of each and their ratio.
//
//	go run ./hack/bench-codegen                        # on k8s.io/sample-apiserver
//	go run ./hack/bench-codegen -dir examples/wardle   # on a project, which is copied first
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/hack/kubecodegen"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == codegen.Command {
		os.Exit(codegen.Child(os.Stdin, os.Stdout))
	}
	dir := flag.String("dir", "", "project to generate for; default: sample-apiserver from the module cache")
	runs := flag.Int("runs", 5, "runs of kubecraft (the script runs at most 3 times)")
	flag.Parse()
	if err := bench(*dir, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench-codegen:", err)
		os.Exit(1)
	}
}

func bench(dir string, runs int) error {
	if dir == "" {
		var err error
		if dir, err = kubecodegen.ModuleDir("k8s.io/sample-apiserver"); err != nil {
			return err
		}
	}
	temp, err := os.MkdirTemp("", "bench-codegen-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	project := filepath.Join(temp, "project")
	if err := kubecodegen.Copy(dir, project); err != nil {
		return err
	}
	script, err := kubecodegen.New(project, filepath.Join(temp, "bin"))
	if err != nil {
		return err
	}

	if _, err := script.Run(); err != nil { // compiles upstream's generators into the build cache
		return err
	}
	theirs, err := repeat(min(runs, 3), script.Run)
	if err != nil {
		return err
	}
	var files map[string][]byte
	ours, err := repeat(runs, func() (time.Duration, error) {
		start := time.Now()
		r, err := codegen.Run(context.Background(), codegen.Options{Dir: project})
		if err == nil {
			files = r.Files
		}
		return time.Since(start), err
	})
	if err != nil {
		return err
	}
	same, _, err := kubecodegen.Same(project, files)
	if err != nil {
		return err
	}
	fmt.Printf("%d files generated, %d of them byte for byte what kube_codegen.sh wrote\n", len(files), same)
	fmt.Printf("kube_codegen.sh   %8.2f s   (median of %d, warm)\n", theirs.Seconds(), min(runs, 3))
	fmt.Printf("kubecraft         %8.2f s   (median of %d)\n", ours.Seconds(), runs)
	fmt.Printf("ratio             1/%.0f\n", theirs.Seconds()/ours.Seconds())
	return nil
}

// repeat returns the median of n times.
func repeat(n int, f func() (time.Duration, error)) (time.Duration, error) {
	times := make([]time.Duration, n)
	for i := range times {
		var err error
		if times[i], err = f(); err != nil {
			return 0, err
		}
	}
	slices.Sort(times)
	return times[n/2], nil
}
