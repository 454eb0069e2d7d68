package imports

import (
	"os/exec"
	"slices"
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

// Who serves nodes compiles the registry of nodes, and no other's.
func TestResourceHasItsOwnRegistryOnly(t *testing.T) {
	graph, err := Load("../..", "./runtime/kubernetes/...")
	if err != nil {
		t.Fatal(err)
	}
	resources := 0
	for p := range graph {
		rest, ok := strings.CutPrefix(p, module+"/runtime/kubernetes/")
		if !ok || strings.Count(rest, "/") != 1 || strings.HasPrefix(rest, "internal/") {
			continue
		}
		resources++
		if all := registries(graph, p); len(all) != 1 {
			t.Errorf("%s compiles %d registries: %v", p, len(all), all)
		}
	}
	if resources < 40 {
		t.Errorf("there are %d packages of resources", resources)
	}
}

// A test that links Kubernetes takes a minute to link and vet, and a newcomer waits for all of them.
func TestFewTestsLinkKubernetes(t *testing.T) {
	const most = 3
	const format = `{{if eq .Name "main"}}{{$test := .ImportPath}}{{range .Deps}}{{if eq . "k8s.io/kubernetes/pkg/api/legacyscheme"}}{{$test}}{{end}}{{end}}{{end}}`
	list := exec.CommandContext(t.Context(), "go", "list", "-test", "-f", format, "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	linking := slices.DeleteFunc(strings.Fields(string(out)), func(name string) bool { return !strings.HasSuffix(name, ".test") })
	if len(linking) == 0 || len(linking) > most {
		t.Errorf("%d test packages link Kubernetes, not 1 to %d: %v", len(linking), most, linking)
	}
}

// registries returns those of upstream's registries, such as core/node, that a package reaches.
func registries(graph Graph, from string) []string {
	var found []string
	seen := map[string]bool{from: true}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		if rest, ok := strings.CutPrefix(queue[0], "k8s.io/kubernetes/pkg/registry/"); ok {
			if parts := strings.Split(rest, "/"); len(parts) > 1 && !slices.Contains(found, parts[0]+"/"+parts[1]) {
				found = append(found, parts[0]+"/"+parts[1])
			}
		}
		for _, next := range graph[queue[0]] {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return found
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
