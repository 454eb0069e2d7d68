package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

type options struct {
	binaries binaries
	page     string
	with     []string
}

func main() {
	var o options
	flag.StringVar(&o.binaries.server, "server", "", "examples/kubernetes, compiled")
	flag.StringVar(&o.binaries.apiserver, "kube-apiserver", "", "kube-apiserver's binary")
	flag.StringVar(&o.binaries.controllers, "kube-controller-manager", "", "kube-controller-manager's binary")
	flag.StringVar(&o.binaries.etcd, "etcd", "", "etcd's binary")
	flag.StringVar(&o.page, "page", "", "page to write, docs/conformance.md; none if empty")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "compare-kubernetes FLAGS [COMMAND ARGS...]\nWith a command nothing is compared: it runs while both sides do, with the administrators' kubeconfigs in OURS and UPSTREAMS.")
		flag.PrintDefaults()
	}
	flag.Parse()
	o.with = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "compare-kubernetes:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "compare-kubernetes-")
	if err != nil {
		return err
	}
	ours, theirs, err := o.binaries.start(ctx, dir)
	if err != nil {
		return err // the logs stay
	}
	defer os.RemoveAll(dir)
	defer theirs.stop()
	defer ours.stop()
	if len(o.with) > 0 {
		return with(ctx, ours, theirs, o.with)
	}
	accepted, err := readAccepted()
	if err != nil {
		return err
	}
	c := &comparison{ours: ours, theirs: theirs, accepted: accepted, counts: map[string]int{}}
	if err := c.all(ctx); err != nil {
		return err
	}
	return c.report(o.page)
}

// with runs a command beside both sides.
func with(ctx context.Context, ours, theirs *side, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "OURS="+ours.kubeconfig(), "UPSTREAMS="+theirs.kubeconfig())
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	return nil
}

// comparison is a run over all areas.
type comparison struct {
	ours, theirs *side
	accepted     []*accepted
	differences  []difference // without a reason
	// counts are how many answers were compared, by area; areas have them in order.
	counts map[string]int
	areas  []string
}

func (c *comparison) all(ctx context.Context) error {
	for i, area := range []func(context.Context) error{c.documents, c.objects, c.tables, c.corpus, c.metrics} {
		begin := time.Now()
		if err := area(ctx); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "part %d: %.1f s\n", i+1, time.Since(begin).Seconds())
	}
	return nil
}

// ask sends a request to both sides.
func (c *comparison) ask(ctx context.Context, r request) (ours, theirs *answer, err error) {
	ours, errOurs := c.ours.do(ctx, r)
	theirs, errTheirs := c.theirs.do(ctx, r)
	return ours, theirs, errors.Join(errOurs, errTheirs)
}

// same asks both sides and compares all that they say.
func (c *comparison) same(ctx context.Context, area, name string, r request) error {
	ours, theirs, err := c.ask(ctx, r)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", area, name, err)
	}
	c.found(area, compare(area, name, newNormal(c.ours).answer(ours), newNormal(c.theirs).answer(theirs)))
	return nil
}

// found counts an answer and keeps those of its differences that there is no reason for.
func (c *comparison) found(area string, differences []difference) {
	if c.counts[area] == 0 {
		c.areas = append(c.areas, area)
	}
	c.counts[area]++
	for _, d := range differences {
		if reason := c.reason(d); reason != nil {
			reason.seen++
			continue
		}
		c.differences = append(c.differences, d)
		fmt.Fprintln(os.Stderr, d)
	}
}

func (c *comparison) reason(d difference) *accepted {
	for _, a := range c.accepted {
		if a.pattern.MatchString(d.key()) {
			return a
		}
	}
	return nil
}
