package main

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

//go:embed corpus.yaml
var corpusText []byte

// step is a request of the corpus. Texts may have variables, ${NAME}.
type step struct {
	Name string `json:"name"`
	request
	// Base64 is a body that is not text.
	Base64 string `json:"base64"`
	// Until is a status that is waited for: the request is sent again until it is answered with that, on each side.
	Until int `json:"until"`
	// Has is text that is waited for in the answer, in the same way.
	Has string `json:"has"`
	// Random matches what is random in this answer alone, after a group of what is not.
	Random string `json:"random"`
	// Save keeps what is at a place of a side's answer, as metadata.resourceVersion, in a variable of that side.
	Save map[string]string `json:"save"`
}

func readCorpus() ([]step, error) {
	var steps []step
	if err := yaml.UnmarshalStrict(corpusText, &steps); err != nil {
		return nil, fmt.Errorf("corpus.yaml: %w", err)
	}
	seen := map[string]bool{}
	for _, s := range steps {
		if s.Name == "" || seen[s.Name] {
			return nil, fmt.Errorf("corpus.yaml: %q is the name of no request or of two", s.Name)
		}
		seen[s.Name] = true
	}
	return steps, nil
}

// corpus compares what is said of bad requests, and of the good ones that they need.
func (c *comparison) corpus(ctx context.Context) error {
	steps, err := readCorpus()
	if err != nil {
		return err
	}
	hooks := newHooks()
	defer hooks.close()
	variables := map[*side]map[string]string{}
	for _, s := range []*side{c.ours, c.theirs} {
		variables[s] = map[string]string{
			"long":  strings.Repeat("x", 254),
			"big":   strings.Repeat("x", 3<<20+1),
			"large": strings.Repeat("x", 1<<20+1), // than what a config map may hold
			"deep":  strings.Repeat("[", 11_000) + strings.Repeat("]", 11_000),
			"hook":  hooks.url(),
			"ca":    hooks.ca(),
		}
	}
	for _, one := range steps {
		values := map[*side]any{}
		for s, known := range variables {
			got, err := one.run(ctx, s, known)
			if err != nil {
				return fmt.Errorf("corpus: %s: %s: %w", one.Name, s.name, err)
			}
			if one.Random != "" {
				got.body = regexp.MustCompile(one.Random).ReplaceAll(got.body, []byte("$1<random>"))
			}
			values[s] = newNormal(s).answer(got)
		}
		c.found("corpus", compare("corpus", one.Name, values[c.ours], values[c.theirs]))
	}
	return nil
}

// run sends the request to a side, until it is answered as it should be.
func (s step) run(ctx context.Context, to *side, known map[string]string) (*answer, error) {
	r, err := s.filled(known)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		got, err := to.do(ctx, r)
		if err != nil {
			return nil, err
		}
		if s.Until == 0 && s.Has == "" || (s.Until == 0 || got.status == s.Until) && strings.Contains(string(got.body), s.Has) {
			return got, s.save(got, known)
		}
		if err := pause(waiting); err != nil {
			return nil, fmt.Errorf("after %v: %d: %s", patience, got.status, cut(string(got.body)))
		}
	}
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// filled is the request with values in place of variables.
func (s step) filled(known map[string]string) (r request, err error) {
	fill := func(text string) string {
		return variable.ReplaceAllStringFunc(text, func(match string) string {
			value, ok := known[match[2:len(match)-1]]
			if !ok {
				err = fmt.Errorf("there is no variable %s", match)
			}
			return value
		})
	}
	r = s.request
	r.As, r.Path, r.Body = fill(r.As), fill(r.Path), fill(r.Body)
	r.Header = maps.Clone(r.Header)
	for key, value := range r.Header {
		r.Header[key] = fill(value)
	}
	if s.Base64 != "" {
		body, decoding := base64.StdEncoding.DecodeString(s.Base64)
		if decoding != nil {
			return r, decoding
		}
		r.Body = string(body)
	}
	return r, err
}

func (s step) save(from *answer, known map[string]string) error {
	if len(s.Save) == 0 {
		return nil
	}
	for name, place := range s.Save {
		var at any
		if err := json.Unmarshal(from.body, &at); err != nil {
			return fmt.Errorf("%w: %s", err, cut(string(from.body)))
		}
		for key := range strings.SplitSeq(place, ".") {
			switch v := at.(type) {
			case map[string]any:
				at = v[key]
			case []any:
				i, err := strconv.Atoi(key)
				if err != nil || i >= len(v) {
					return fmt.Errorf("nothing is at %s of %s", place, cut(string(from.body)))
				}
				at = v[i]
			}
		}
		text, ok := at.(string)
		if !ok {
			return fmt.Errorf("no text is at %s of %s", place, cut(string(from.body)))
		}
		known[name] = text
	}
	return nil
}
