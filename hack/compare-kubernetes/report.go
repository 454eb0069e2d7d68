package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// specs is the heading of the part of the page that hack/conformance.sh writes.
const specs = "\n## Upstream's end-to-end specs\n"

// report writes the page and says what has no reason.
func (c *comparison) report(page string) error {
	var problems []error
	for _, a := range c.accepted {
		if a.seen == 0 && !a.Sometimes {
			problems = append(problems, fmt.Errorf("accepted.yaml: nothing matches %q any more: take it out", a.Match))
		}
	}
	if n := len(c.differences); n > 0 {
		problems = append(problems, fmt.Errorf("%d differences have no reason in accepted.yaml", n))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	text := c.text()
	fmt.Print(text)
	if page == "" {
		return nil
	}
	old, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, rest, ok := strings.Cut(string(old), specs); ok {
		text += specs + rest
	}
	return os.WriteFile(page, []byte(text), 0o644)
}

func (c *comparison) text() string {
	var b strings.Builder
	b.WriteString(`# Conformance

` + "`hack/compare-kubernetes.sh`" + ` asks examples/kubernetes and kube-apiserver 1.37.2 with etcd and the same controllers the same things,
both started with the same flags and certificates, as an administrator, as a user without roles, and as a stranger. Uids,
times, revisions, ports and tokens do not count; statuses, headers and bodies do. It writes this page, and fails if something
differs that is not listed here.

| compared | answers |
|---|---|
`)
	for _, area := range c.areas {
		fmt.Fprintf(&b, "| %s | %d |\n", area, c.counts[area])
	}
	b.WriteString("\n## What differs\n\n| what | why |\n|---|---|\n")
	for _, a := range c.accepted {
		fmt.Fprintf(&b, "| %s | %s |\n", a.What, a.Reason)
	}
	return b.String()
}
