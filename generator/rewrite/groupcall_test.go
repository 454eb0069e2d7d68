package rewrite

import (
	"slices"
	"strings"
	"testing"
)

const (
	groupImports = "package p\n\nimport (\n\t\"github.com/kubecraft/kubecraft/runtime/apiserver\"\n)\n\n"
	nodesPath    = kubernetes + "/core/nodes"
	podsPath     = kubernetes + "/core/pods"
)

// Calls come and go without a trace, in whatever order.
func TestGroupCallIsUndone(t *testing.T) {
	for name, src := range map[string]string{
		"as init writes it":  groupImports + "var groups = []apiserver.Group{}\n",
		"after others":       groupImports + "var groups = []apiserver.Group{\n\t{Install: install}, // ours\n}\n",
		"on one line":        groupImports + "var groups = []apiserver.Group{{Install: install}}\n",
		"another's call":     groupImports + "var groups = []apiserver.Group{\n\tmine.Resource(),\n}\n",
		"one import":         "package p\n\nimport \"github.com/kubecraft/kubecraft/runtime/apiserver\"\n\nvar groups = []apiserver.Group{}\n",
		"in columns":         groupImports + "var p = Groups{\n\tOpenAPI: defs,\n\tGroups:  []apiserver.Group{},\n}\n",
		"the name is in use": groupImports + "var nodes, pods int\n\nvar groups = []apiserver.Group{}\n",
	} {
		for _, newline := range []string{"\n", "\r\n"} {
			src := strings.ReplaceAll(src, "\n", newline)
			out := []byte(src)
			for _, path := range []string{nodesPath, podsPath} {
				out = addCall(t, out, path)
				if again := addCall(t, out, path); string(again) != string(out) {
					t.Errorf("%s: added twice:\n%s", name, again)
				}
			}
			if paths, err := GroupCalls("p.go", out, "Resource"); err != nil || !slices.Equal(paths, []string{nodesPath, podsPath}) {
				t.Errorf("%s: %v, %v in\n%s", name, paths, err, out)
			}
			for _, path := range []string{nodesPath, podsPath} {
				var err error
				if out, err = RemoveGroupCall("p.go", out, path, "Resource"); err != nil {
					t.Fatal(err)
				}
			}
			if string(out) != src {
				t.Errorf("%s: added and removed:\n%q\nwas\n%q", name, out, src)
			}
			if same, err := RemoveGroupCall("p.go", out, nodesPath, "Resource"); err != nil || string(same) != src {
				t.Errorf("%s: removed twice: %v\n%s", name, err, same)
			}
		}
	}
}

func addCall(t *testing.T, src []byte, path string) []byte {
	t.Helper()
	want := path[strings.LastIndex(path, "/")+1:]
	name, err := NameFor("p.go", src, path, want)
	if err != nil {
		t.Fatal(err)
	}
	given := name
	if name == want {
		given = ""
	}
	if src, err = AddImport("p.go", src, given, path); err != nil {
		t.Fatal(err)
	}
	if src, err = AddGroup("p.go", src, name+".Resource()"); err != nil {
		t.Fatal(err)
	}
	return src
}
