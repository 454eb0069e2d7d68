package scaffold

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/resource"
)

// take makes the changes of a removal.
func (p *testProject) take(result *Result) {
	p.Helper()
	p.write(result.Files)
	for _, name := range result.Remove {
		p.remove(name)
	}
}

// A random number of types, versions and groups is added, what belongs to others is edited in between, and all that was added is
// removed in another order: the project is what it was, with the edits.
func TestRemoveTypeUndoesAddType(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			undo(t, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func undo(t *testing.T, random *rand.Rand) {
	p := newTestProject(t, "example.com/demo")
	var history []string
	defer func() {
		if t.Failed() {
			t.Logf("after\n%s", strings.Join(history, "\n"))
		}
	}()
	flags := map[string][]func(*resourceOption){}
	add := func() (resource.Type, bool) {
		group := []string{"example", "batch.example.com", "my-group.example.com"}[random.IntN(3)]
		version := []string{"v1", "v2", "v1beta1"}[random.IntN(3)]
		kind := []string{"Bar", "Foo", "HTTPRoute", "Doc"}[random.IntN(4)]
		name := resource.Type{Group: group, Version: version, Kind: kind}
		if slices.Contains(p.load().Types(), name) {
			return name, false
		}
		options, known := flags[group+kind]
		if !known || p.load().Group(group).Kind(kind) == nil {
			options = nil
			switch random.IntN(4) {
			case 0:
				options = append(options, withScaling, categories("all"))
			case 1:
				options = append(options, noStatus)
			case 2:
				options = append(options, clusterScoped, shortNames(strings.ToLower(kind[:2])))
			}
			flags[group+kind] = options
		}
		history = append(history, "add "+name.Words())
		p.add(group+"/"+version, kind, options...)
		return name, true
	}
	for range random.IntN(4) {
		add()
	}
	history = append(history, "start")
	want := p.files()

	edit := func() {
		type change struct{ suffix, before, text string }
		changes := []change{
			{"main.go", "func main() {", "// A note of the user's.\n"},
			{"main.go", "", "\nfunc own() {}\n"},
			{"pkg/apiserver/install.go", "return controlplane", "// Served.\n\t"},
			{"pkg/apiserver/install.go", "", "\nvar own = 1\n"},
			{"/register.go", "func addKnownTypes(", "// Known.\n"},
			{"/register.go", "", "\nconst Own = 1\n"},
			{"/install/install.go", "func Install(", "// Installed.\n"},
			{"/store.go", "return info, nil", "_ = metav1.Now()\n\t"},
			{"/store.go", "func New", "// Stored.\n"},
			{"/bar.go", "// BarSpec is", "// Color is one of few.\ntype Color string\n\n"},
		}
		c := changes[random.IntN(len(changes))]
		var files []string
		for name := range want {
			if strings.HasSuffix(name, c.suffix) && strings.Contains(want[name], c.before) {
				files = append(files, name)
			}
		}
		if len(files) == 0 {
			return
		}
		slices.Sort(files)
		name := files[random.IntN(len(files))]
		if strings.Contains(want[name], strings.TrimSpace(c.text)) {
			return
		}
		history = append(history, fmt.Sprintf("edit %s: %q", name, c.text))
		insert := func(content string) string {
			if c.before == "" {
				return content + c.text
			}
			return strings.Replace(content, c.before, c.text+c.before, 1)
		}
		want[name] = insert(want[name])
		p.write(map[string][]byte{name: []byte(insert(string(p.read(name))))})
	}
	var added []resource.Type
	for range 1 + random.IntN(6) {
		if random.IntN(2) == 0 {
			edit()
		}
		if name, ok := add(); ok {
			added = append(added, name)
		}
	}
	edit()
	random.Shuffle(len(added), func(i, j int) { added[i], added[j] = added[j], added[i] })
	for _, name := range added {
		history = append(history, "remove "+name.Words())
		k := p.load().Group(name.Group).Kind(name.Kind)
		stored := k.StorageVersion == name.Version && len(k.Versions) > 1
		result, err := RemoveType(p.load(), name, false)
		if stored {
			var refused *RemovalError
			if !errors.As(err, &refused) || len(refused.Findings) != 1 || !strings.Contains(refused.Findings[0], "is stored in") {
				t.Fatalf("the stored version went: %v", err)
			}
			result, err = RemoveType(p.load(), name, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.take(result)
	}
	p.mustBe(want, "after it is removed")
}

// remains returns what is in the way of removing a type.
func (p *testProject) remains(t resource.Type) string {
	p.Helper()
	before := p.files()
	_, err := RemoveType(p.load(), t, false)
	var refused *RemovalError
	if !errors.As(err, &refused) {
		p.Fatalf("remove %s: got %v", t, err)
	}
	p.mustBe(before, "after it is removed")
	return strings.Join(refused.Findings, "\n")
}

func TestRemoveTypeRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(p *testProject)
		want []string
	}{
		"a field of the user's": {
			func(p *testProject) {
				p.edit("pkg/apis/example/v1/bar.go", "\t// description says", "\tColor string `json:\"color\"`\n\t// description says")
			},
			[]string{"pkg/apis/example/v1/bar.go:31:1: goes with example/v1 Bar, and is not as kubecraft add type writes it"},
		},
		"a type that another kind has": {
			func(p *testProject) {
				p.edit("pkg/apis/example/v1/foo.go", "Description string", "Bars BarSpec `json:\"bars\"`\n\tDescription string")
			},
			[]string{"pkg/apis/example/v1/foo.go:33:7: uses BarSpec, which goes with example/v1 Bar"},
		},
		"a component": {
			func(p *testProject) {
				p.write(map[string][]byte{"pkg/components/own/own.go": []byte("package own\n\nimport v1 \"example.com/demo/pkg/apis/example/v1\"\n\nvar bar = v1.Bar{}\nvar foo = v1.Foo{}\n")})
			},
			[]string{"pkg/components/own/own.go:5:11: uses v1.Bar, which goes with example/v1 Bar"},
		},
		"a test of the storage": {
			func(p *testProject) {
				p.write(map[string][]byte{"pkg/own_test.go": []byte("package own\n\nimport \"example.com/demo/pkg/registry/example/bar\"\n\nvar _ = bar.NewStorage\n")})
			},
			[]string{"pkg/own_test.go:3:8: uses package example.com/demo/pkg/registry/example/bar, which goes with example/v1 Bar"},
		},
		"a conversion by hand": {
			func(p *testProject) {
				p.write(map[string][]byte{"pkg/apis/example/v1/conversion.go": []byte("package v1\n\nfunc Convert_v1_BarSpec_To_example_BarSpec() {}\n")})
			},
			[]string{"pkg/apis/example/v1/conversion.go:3:1: Convert_v1_BarSpec_To_example_BarSpec goes with example/v1 Bar, and is written by hand"},
		},
		"a registration out of reach": {
			func(p *testProject) {
				p.edit("pkg/apis/example/v1/register.go", "\t\t&Bar{},\n", "")
				p.edit("pkg/apis/example/v1/register.go", "\tmetav1.AddTo", "\tfor _, o := range []runtime.Object{&Bar{}} {\n\t\tscheme.AddKnownTypes(SchemeGroupVersion, o)\n\t}\n\tmetav1.AddTo")
				p.edit("pkg/apis/example/v1/register.go", "&BarList{},", "&BarList{}, &Bar{},")
			},
			[]string{"pkg/apis/example/v1/register.go:34:38: uses Bar, which goes with example/v1 Bar"},
		},
		"storage served in another way": {
			func(p *testProject) {
				p.edit("pkg/registry/example/store.go", "\treturn info, nil", "\tif bars != nil {\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"][\"bars/own\"] = bars.Bar\n\t}\n\treturn info, nil")
			},
			[]string{"pkg/registry/example/store.go:", "uses package example.com/demo/pkg/registry/example/bar"},
		},
		"storage of the user's": {
			func(p *testProject) {
				p.edit("pkg/registry/example/store.go", "\t\t\"bars/status\": bars.Status,\n", "\t\t\"bars/status\": bars.Status,\n\t\t\"bars/log\":    logs.NewREST(store),\n")
			},
			[]string{"pkg/registry/example/store.go:", ":3: \"bars/log\" goes with example/v1 Bar, and is not served as kubecraft writes it"},
		},
		"a client": {
			func(p *testProject) {
				p.generate()
				p.write(map[string][]byte{"pkg/own/own.go": []byte("package own\n\nimport \"example.com/demo/pkg/generated/clientset/versioned\"\n\nfunc own(c *versioned.Clientset) {\n\tc.ExampleV1().Bars(\"\")\n\tc.ExampleV1().Foos(\"\")\n}\n")})
			},
			[]string{"pkg/own/own.go:6:16: uses ExampleV1().Bars, which goes with example/v1 Bar"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newTestProject(t, "example.com/demo")
			p.add("example/v1", "Bar")
			p.add("example/v1", "Foo")
			test.edit(p)
			got := p.remains(resource.Type{Group: "example", Version: "v1", Kind: "Bar"})
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant %s", got, want)
				}
			}
			if lines := strings.Count(got, "\n") + 1; lines != 1 {
				t.Errorf("%d findings, want one:\n%s", lines, got)
			}
			result, err := RemoveType(p.load(), resource.Type{Group: "example", Version: "v1", Kind: "Bar"}, true)
			if err != nil {
				t.Fatal(err)
			}
			p.take(result)
			if types := p.load().Types(); !slices.Equal(types, []resource.Type{{Group: "example", Version: "v1", Kind: "Foo"}}) {
				t.Errorf("--force left %v", types)
			}
			if _, err := os.Stat(filepath.Join(p.dir, "pkg/apis/example/bar.go")); err == nil {
				t.Error("--force left the type")
			}
		})
	}
}

// What the user serves beside the definitions of types does not go unsaid with the last type.
func TestRemoveLastTypeRefuses(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	p.edit("pkg/apiserver/install.go", "openapi.GetOpenAPIDefinitions", "merge(openapi.GetOpenAPIDefinitions, mine)")
	bar := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}
	got := p.remains(bar)
	if !strings.HasPrefix(got, "pkg/apiserver/install.go:") || !strings.Contains(got, ": OpenAPI goes with example/v1 Bar, the last type") || strings.Contains(got, "\n") {
		t.Errorf("got\n%s", got)
	}
	if _, err := RemoveType(p.load(), bar, true); err != nil {
		t.Errorf("--force: %v", err)
	}
}

// Subresources of the project's own are no one's lines.
func TestRemoveTypeTakesItsSubresources(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	p.add("example/v1", "Foo", withScaling)
	foo := resource.Type{Group: "example", Version: "v1", Kind: "Foo"}
	p.mustApply(foo, subresourceVerb("approve", "").add)
	if got := p.remains(foo); strings.Contains(got, "not served as") {
		t.Errorf("got\n%s", got)
	}
}

// Conversions that were copied for a version go with it, with what only they need, and what another kind has of them stays.
func TestRemoveTypeTakesCopiedConversions(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	p.add("example/v1", "Foo")
	p.write(map[string][]byte{"pkg/apis/example/v1/conversion.go": []byte(`package v1

import (
	"strings"

	"k8s.io/apimachinery/pkg/conversion"

	"example.com/demo/pkg/apis/example"
)

// lower is what both need.
func lower(s string) string { return strings.ToLower(s) }

func Convert_v1_BarSpec_To_example_BarSpec(in *BarSpec, out *example.BarSpec, s conversion.Scope) error {
	out.Description = lower(in.Description)
	return nil
}

func Convert_v1_FooSpec_To_example_FooSpec(in *FooSpec, out *example.FooSpec, s conversion.Scope) error {
	out.Description = lower(in.Description)
	return nil
}
`)})
	start := p.files()
	p.add("example/v2", "Bar")
	one := p.files()
	p.add("example/v2", "Foo")
	for _, step := range []struct {
		kind string
		want map[string]string
	}{{"Foo", one}, {"Bar", start}} {
		result, err := RemoveType(p.load(), resource.Type{Group: "example", Version: "v2", Kind: step.kind}, false)
		if err != nil {
			t.Fatal(err)
		}
		p.take(result)
		p.mustBe(step.want, "after it is removed")
	}
}

func TestRemoveVersionAndGroup(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	empty := p.files()
	p.add("example/v1", "Bar")
	p.add("example/v1", "Foo")
	first := p.files()
	p.add("example/v2", "Bar")
	p.add("example/v2", "Foo")
	p.add("other/v1", "Bar", withScaling)
	p.add("other/v1beta1", "Bar", withScaling)
	for _, step := range []struct {
		remove func() (*Result, error)
		types  int
		want   map[string]string
	}{
		{func() (*Result, error) { return RemoveGroup(p.load(), "other", false) }, 2, nil},
		{func() (*Result, error) { return RemoveGroup(p.load(), "other", false) }, 0, nil},
		{func() (*Result, error) { return RemoveVersion(p.load(), "example", "v2", false) }, 2, first},
		{func() (*Result, error) { return RemoveVersion(p.load(), "example", "v2", false) }, 0, first},
		{func() (*Result, error) { return RemoveGroup(p.load(), "example", false) }, 2, empty},
	} {
		result, err := step.remove()
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Changed) != step.types {
			t.Errorf("removed %q, want %d", result.Changed, step.types)
		}
		p.take(result)
		if step.want != nil {
			p.mustBe(step.want, "after it is removed")
		}
	}
}
