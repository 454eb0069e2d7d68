package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// heading begins the part of the page that is written here; hack/compare-kubernetes.sh writes what is before it.
const heading = "\n## Upstream's end-to-end specs\n"

// clusterHeading begins the part on specs that need nodes.
const clusterHeading = "\n## Upstream's end-to-end specs of a cluster\n"

type page struct {
	patience     time.Duration
	specs        []string
	ours, theirs []result
	skips        skips
	skipped      map[*skip]int
}

// write prints a part of the page, and puts it in the place of the one with the same heading, or behind all others.
func write(file, heading, text string) error {
	fmt.Print(text)
	if file == "" {
		return nil
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(old), heading)
	after := ""
	if _, next, ok := strings.Cut(rest, "\n## "); found && ok {
		after = "\n## " + next
	}
	return os.WriteFile(file, []byte(before+text+after), 0o644)
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
needs more of a cluster, or a cluster that is older: one waits for etcd to be compacted. Those that are not run are named by the patterns of
hack/conformance/skips.yaml.

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
	section(&b, "Fail", fail)
	section(&b, "Pass", both)
	section(&b, "Pass here alone", here)
	section(&b, "Need a cluster", needs)
	section(&b, "Do not apply", declines)
	return b.String(), len(fail)
}

func section(b *strings.Builder, title string, names []string) {
	if len(names) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n```text\n%s\n```\n", title, strings.Join(names, "\n"))
	}
}

// clusterText is the part on the specs that need nodes.
func (p *page) clusterText() string {
	byState := map[state][]string{}
	for i, name := range p.specs {
		got := p.ours[i]
		if got.state == failing {
			name += ": " + got.reason
		}
		byState[got.state] = append(byState[got.state], name)
	}
	var b strings.Builder
	b.WriteString(clusterHeading)
	fmt.Fprintf(&b, `
`+"`hack/conformance.sh --cluster`"+` runs the specs of sig-apps and sig-scheduling against `+"`kubecraft serve`"+` with simulated nodes, each in a process of its own,
which is given %v. No container runs there. Those that are not run
are named by the patterns of hack/conformance/skips.yaml.

| | specs |
|---|---|
| pass | %d |
| fail | %d |
| have not ended in time | %d |
| do not apply, by their own word | %d |
`, p.patience, len(byState[passed]), len(byState[failing]), len(byState[late]), len(byState[declined]))
	for _, s := range p.skips {
		if n := p.skipped[s]; n > 0 {
			fmt.Fprintf(&b, "| not run: %s | %d |\n", s.Reason, n)
		}
	}
	section(&b, "Fail in a cluster", byState[failing])
	section(&b, "Do not end in time", byState[late])
	section(&b, "Pass in a cluster", byState[passed])
	section(&b, "Do not apply to a cluster", byState[declined])
	return b.String()
}
