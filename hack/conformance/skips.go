package main

import (
	_ "embed"
	"fmt"
	"regexp"

	"sigs.k8s.io/yaml"
)

//go:embed skips.yaml
var skipsText []byte

// skip is a kind of spec that is not run.
type skip struct {
	Match  string `json:"match"` // a regular expression over its name
	Reason string `json:"reason"`

	pattern *regexp.Regexp
}

type skips []*skip

func readSkips() (skips, error) {
	var all skips
	if err := yaml.UnmarshalStrict(skipsText, &all); err != nil {
		return nil, fmt.Errorf("skips.yaml: %w", err)
	}
	for _, s := range all {
		var err error
		if s.pattern, err = regexp.Compile(s.Match); err != nil {
			return nil, fmt.Errorf("skips.yaml: %w", err)
		}
	}
	return all, nil
}

func (all skips) of(name string) *skip {
	for _, s := range all {
		if s.pattern.MatchString(name) {
			return s
		}
	}
	return nil
}
