package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// Graph maps each package's import path to the paths that it imports.
type Graph map[string][]string

// Load lists the packages that match patterns in the module at dir, with all that they depend on. Tests are left out:
// they may reach for more than the code under them.
func Load(dir string, patterns ...string) (Graph, error) {
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Imports"}, patterns...)...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	graph := Graph{}
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return graph, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		graph[p.ImportPath] = p.Imports
	}
}

// Check returns a line for each package that breaks a rule: the chain of imports that does it, and the rule's reason.
func Check(graph Graph, rules []Rule) []string {
	var broken []string
	for _, rule := range rules {
		for _, from := range sortedKeys(graph) {
			if !match(from, rule.From) || matchAny(from, rule.Except) {
				continue
			}
			if chain := reach(graph, from, rule.Never); chain != nil {
				broken = append(broken, fmt.Sprintf("%s\n\twhy not: %s", strings.Join(chain, "\n\t-> "), rule.Reason))
			}
		}
	}
	return broken
}

// reach finds the shortest chain of imports from a package to one that matches never.
func reach(graph Graph, from string, never []string) []string {
	via := map[string]string{from: ""}
	queue := []string{from}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		if p != from && matchAny(p, never) {
			var chain []string
			for ; p != ""; p = via[p] {
				chain = append(chain, p)
			}
			slices.Reverse(chain)
			return chain
		}
		for _, next := range graph[p] {
			if _, seen := via[next]; !seen {
				via[next] = p
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func matchAny(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return match(path, pattern) })
}

func match(path, pattern string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == prefix || strings.HasPrefix(path, prefix+"/")
	}
	return path == pattern
}

func sortedKeys(graph Graph) []string {
	keys := make([]string, 0, len(graph))
	for k := range graph {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
