package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2/types"
)

type options struct {
	cluster              bool
	kubectl, page, focus string
	results              string
	parallel             int
	patience             time.Duration
}

// defaultPatience is above what a spec takes that needs no pod to run: those that do wait for five minutes.
const defaultPatience = 150 * time.Second

// result is what came of a spec in a cluster.
type result struct {
	state  state
	reason string // of a failure, in a line
}

type state string

const (
	passed   state = "pass"
	failing  state = "fail"
	late     state = "late"    // ended, because it had not ended by itself
	declined state = "skipped" // by itself: it does not apply
)

func run(ctx context.Context, o options) error {
	ours, theirs := os.Getenv("OURS"), os.Getenv("UPSTREAMS")
	if ours == "" || theirs == "" && !o.cluster {
		return errors.New("OURS and UPSTREAMS name no kubeconfigs: hack/conformance.sh sets them")
	}
	skips, err := readSkips()
	if err != nil {
		return err
	}
	names, err := list(ctx, ours, o)
	if err != nil {
		return err
	}
	p := &page{patience: o.patience, skipped: map[*skip]int{}, skips: skips}
	var specs []string
	for _, name := range names {
		if s := skips.of(name); s != nil {
			p.skipped[s]++
			continue
		}
		specs = append(specs, name)
	}
	fmt.Fprintf(os.Stderr, "%d specs, %d of them left out\n", len(names), len(names)-len(specs))
	before, err := openRecord(o.results)
	if err != nil {
		return err
	}
	defer before.close()
	var group sync.WaitGroup
	clusters := []cluster{{"ours", ours, &p.ours}, {"upstream", theirs, &p.theirs}}
	if o.cluster {
		clusters = clusters[:1]
	}
	for _, c := range clusters {
		group.Go(func() { *c.results = c.runAll(ctx, o, before, specs) })
	}
	group.Wait()
	p.specs = specs
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if o.cluster {
		return write(o.page, clusterHeading, p.clusterText())
	}
	text, failures := p.text()
	if err := write(o.page, heading, text); err != nil {
		return err
	}
	if failures > 0 {
		return fmt.Errorf("%d specs pass with kube-apiserver and not here", failures)
	}
	return nil
}

var (
	listed        = regexp.MustCompile(`^\S+:\d+: (\[sig-(?:api-machinery|auth|cli)\] .*)$`)
	clusterListed = regexp.MustCompile(`^\S+:\d+: (\[sig-(?:apps|scheduling)\] .*)$`)
)

// list returns the names of all specs.
func list(ctx context.Context, kubeconfig string, o options) ([]string, error) {
	out, err := exec.CommandContext(ctx, os.Args[0], "spec", "--kubeconfig", kubeconfig, "--provider", "skeleton", "--list-tests").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the specs: %w", err)
	}
	wanted, err := regexp.Compile(o.focus)
	if err != nil {
		return nil, err
	}
	pattern := listed
	if o.cluster {
		pattern = clusterListed
	}
	var names []string
	for line := range strings.Lines(string(out)) {
		// As in "    apimachinery/watch.go:61: [sig-api-machinery] Watchers should observe ... [Conformance]". What is imported
		// brings specs of others with it.
		if m := pattern.FindStringSubmatch(strings.TrimSpace(line)); m != nil && wanted.MatchString(m[1]) {
			names = append(names, m[1])
		}
	}
	if len(names) == 0 {
		return nil, errors.New("there are no specs")
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// cluster is one of those that the specs are run in.
type cluster struct {
	name, kubeconfig string
	results          *[]result
}

// runAll runs the specs that the record does not have: first those that may run beside others, then the rest, one by one.
func (c cluster) runAll(ctx context.Context, o options, before *record, specs []string) []result {
	results := make([]result, len(specs))
	one := func(i int) {
		var known bool
		if results[i], known = before.of(c.name, specs[i]); known || ctx.Err() != nil {
			return
		}
		got := runOne(ctx, o, c.kubeconfig, specs[i])
		if ctx.Err() == nil {
			results[i] = got
			before.add(c.name, specs[i], got)
		}
	}
	next := make(chan int)
	var group sync.WaitGroup
	for range o.parallel {
		group.Go(func() {
			for i := range next {
				one(i)
			}
		})
	}
	serial := func(name string) bool {
		return strings.Contains(name, "[Serial]") || strings.Contains(name, "[Disruptive]")
	}
	for i, name := range specs {
		if !serial(name) {
			next <- i
		}
	}
	close(next)
	group.Wait()
	for i, name := range specs {
		if serial(name) {
			one(i)
		}
	}
	return results
}

func runOne(ctx context.Context, o options, kubeconfig, name string) result {
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return result{failing, err.Error()}
	}
	defer os.RemoveAll(dir)
	waiting, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	report := filepath.Join(dir, "report.json")
	cmd := exec.CommandContext(waiting, os.Args[0], "spec", "--kubeconfig", kubeconfig, "--provider", "skeleton", "--kubectl-path", o.kubectl,
		"--dump-logs-on-failure=false", "--e2e-output-dir", dir, "--ginkgo.no-color", "--ginkgo.json-report", report,
		"--ginkgo.focus", regexp.QuoteMeta(name)+"$")
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it takes its namespace away then
	cmd.WaitDelay = 15 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err = cmd.Run()
	text, reading := os.ReadFile(report)
	var reports []types.Report
	if reading == nil {
		reading = json.Unmarshal(text, &reports)
	}
	if reading != nil {
		if waiting.Err() != nil {
			return result{late, ""}
		}
		return result{failing, fmt.Sprintf("%v: %s", err, oneLine(output.String()))}
	}
	for _, r := range reports {
		for _, spec := range r.SpecReports {
			switch {
			case spec.LeafNodeType != types.NodeTypeIt || strings.TrimSpace(spec.FullText()) != name:
			case spec.State.Is(types.SpecStatePassed):
				return result{passed, ""}
			case spec.State.Is(types.SpecStateSkipped | types.SpecStatePending):
				return result{declined, oneLine(spec.FailureMessage())}
			case waiting.Err() != nil:
				return result{late, ""}
			default:
				return result{failing, oneLine(spec.FailureMessage())}
			}
		}
	}
	return result{failing, "it is not in ginkgo's report: " + oneLine(output.String())}
}

// oneLine is the beginning of a text.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		text = text[:300] + "..."
	}
	return text
}
