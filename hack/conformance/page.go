package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// heading begins the part of the page that is written here; hack/compare-kubernetes.sh writes what is before it.
const heading = "\n## Upstream's end-to-end specs\n"

type page struct {
	patience     time.Duration
	specs        []string
	ours, theirs []result
	skips        skips
	skipped      map[*skip]int
}

func (p *page) write(file string) error {
	text, failures := p.text()
	fmt.Print(text)
	if file != "" {
		old, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		before, _, _ := strings.Cut(string(old), heading)
		if err := os.WriteFile(file, []byte(before+text), 0o644); err != nil {
			return err
		}
	}
	if failures > 0 {
		return fmt.Errorf("%d specs pass with kube-apiserver and not here", failures)
	}
	return nil
}

func (p *page) text() (text string, failures int) {
	var both, fail, here, needs, declines []string
	for i, name := range p.specs {
		a, b := p.ours[i], p.theirs[i]
		switch {
		case a.state == declined && b.state == declined:
			declines = append(declines, name)
		case a.state == passed && b.state == passed:
			both = append(both, name)
		case a.state == passed:
			here = append(here, name)
		case b.state == passed:
			fail = append(fail, fmt.Sprintf("%s: %s %s", name, a.state, a.reason))
		default:
			needs = append(needs, name)
		}
	}
	var b strings.Builder
	b.WriteString(heading)
	fmt.Fprintf(&b, `
`+"`hack/conformance.sh`"+` runs the specs of sig-api-machinery, sig-auth and sig-cli against both sides, each in a process of its own. There
are no nodes, and no controllers but those that kubecraft has: a spec that passes on neither side, or has not ended after %v,
needs more of a cluster, or a cluster that is older: one waits for etcd to be compacted.

| | specs |
|---|---|
| pass | %d |
| fail here, and pass with kube-apiserver | %d |
| pass here alone | %d |
| pass on neither side: need a cluster | %d |
| do not apply, by their own word | %d |
`, p.patience, len(both), len(fail), len(here), len(needs), len(declines))
	for _, s := range p.skips {
		fmt.Fprintf(&b, "| not run: %s | %d |\n", s.Reason, p.skipped[s])
	}
	section := func(title string, names []string) {
		if len(names) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n### %s\n\n```text\n%s\n```\n", title, strings.Join(names, "\n"))
	}
	section("Fail", fail)
	section("Pass", both)
	section("Pass here alone", here)
	section("Need a cluster", needs)
	section("Do not apply", declines)
	return b.String(), len(fail)
}
