package imports

import (
	"strings"
	"testing"
)

func TestTreeKeepsTheRules(t *testing.T) {
	graph, err := Load("../..", "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range Check(graph, Rules()) {
		t.Error(line)
	}
	for _, rule := range Rules() {
		used := false
		for p := range graph {
			used = used || match(p, rule.From)
		}
		if !used {
			t.Errorf("no package matches %s any more: drop the rule or mend its pattern", rule.From)
		}
	}
}

func TestCheckNamesTheChain(t *testing.T) {
	graph := Graph{
		"a":   {"b", "c"},
		"b":   {"d"},
		"c":   {},
		"d":   {"x/y"},
		"x/y": {},
		"e":   {"x"},
	}
	rules := []Rule{{From: "a", Never: []string{"x/..."}, Reason: "because"}}
	got := Check(graph, rules)
	want := "a\n\t-> b\n\t-> d\n\t-> x/y\n\twhy not: because"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Check(graph, []Rule{{From: "e", Never: []string{"x/y"}}}); len(got) != 0 {
		t.Errorf("x/y does not stand for x, but: %s", strings.Join(got, "\n"))
	}
	if got := Check(graph, []Rule{{From: "a", Except: []string{"a"}, Never: []string{"x/..."}}}); len(got) != 0 {
		t.Errorf("an excepted package was reported: %s", strings.Join(got, "\n"))
	}
}
