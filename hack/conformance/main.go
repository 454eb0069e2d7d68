package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	// A spec runs in a process of its own, so that one that waits for what never comes can be ended.
	if len(os.Args) > 1 && os.Args[1] == "spec" {
		os.Exit(runSpec(os.Args[2:]))
	}
	var o options
	flag.BoolVar(&o.cluster, "cluster", false, "run the specs of sig-apps and sig-scheduling in one cluster that has nodes, in place of the others in two that have none")
	flag.StringVar(&o.kubectl, "kubectl", "", "kubectl's binary")
	flag.StringVar(&o.page, "page", "", "page to write, docs/conformance.md; none if empty")
	flag.StringVar(&o.focus, "focus", "", "regular expression of the specs to run; all if empty")
	flag.StringVar(&o.results, "results", "", "file of results, a line each: those that it has are not run again, so that a run can be cut off and go on; none if empty")
	flag.IntVar(&o.parallel, "parallel", 6, "specs at a time, of each cluster")
	flag.DurationVar(&o.patience, "patience", defaultPatience, "how long a spec may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		stop()
		os.Exit(1)
	}
}
