package main

import (
	_ "embed"
	"fmt"
	"regexp"

	"sigs.k8s.io/yaml"
)

//go:embed accepted.yaml
var acceptedText []byte

// accepted is a kind of difference that there is a reason for.
type accepted struct {
	// Match is a regular expression over "AREA: REQUEST: PLACE", all of it.
	Match string `json:"match"`
	// What differs and Reason are the page's words.
	What   string `json:"what"`
	Reason string `json:"reason"`
	// Sometimes says that it does not differ in every run.
	Sometimes bool `json:"sometimes"`

	pattern *regexp.Regexp
	seen    int
}

func readAccepted() ([]*accepted, error) {
	var all []*accepted
	if err := yaml.UnmarshalStrict(acceptedText, &all); err != nil {
		return nil, fmt.Errorf("accepted.yaml: %w", err)
	}
	for _, a := range all {
		if a.What == "" || a.Reason == "" {
			return nil, fmt.Errorf("accepted.yaml: %q does not say what differs and why", a.Match)
		}
		var err error
		if a.pattern, err = regexp.Compile("^(?:" + a.Match + ")$"); err != nil {
			return nil, fmt.Errorf("accepted.yaml: %w", err)
		}
	}
	return all, nil
}
