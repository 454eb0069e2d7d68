package scaffold

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/project"
)

// One project grows through everything that `add type` does, as a user's would, and must compile, pass vet and its own
// tests at the end; what each step changes is checked on the way.
func TestAddTypeGrowsAProject(t *testing.T) {
	p := newTestProject(t, "example.com/grown/v2")

	p.add("example/v1", "Bar", shortNames("br"), categories("all", "things"), withScaling)
	p.generate()
	p.edit("pkg/apis/example/v1/bar.go", "// description says", "// color is the user's own field.\n\t// +optional\n\tColor Color `json:\"color,omitempty\"`\n\t// description says")
	p.edit("pkg/apis/example/v1/bar.go", "// BarSpec is", "// Color is one of few.\ntype Color string\n\n// BarSpec is")
	p.edit("pkg/apis/example/bar.go", "Description string", "Color       Color\n\tDescription string")
	p.edit("pkg/apis/example/bar.go", "// BarSpec is", "type Color string\n\n// BarSpec is")
	p.edit("pkg/apis/example/v1/register.go", "\t\t&BarList{},", "\t\t&BarList{}, // the user's comment")

	second := p.add("example/v1", "Foo", noStatus)
	if want := []string{
		"pkg/apis/example/foo.go", "pkg/apis/example/register.go", "pkg/apis/example/v1/foo.go", "pkg/apis/example/v1/register.go",
		"pkg/registry/example/foo/store.go", "pkg/registry/example/foo/strategy.go", "pkg/registry/example/store.go",
	}; !slices.Equal(sortedKeys(second.Files), want) {
		t.Errorf("a second kind changed %q, want %q", sortedKeys(second.Files), want)
	}
	if !strings.Contains(string(p.read("pkg/apis/example/v1/register.go")), "&BarList{}, // the user's comment") {
		t.Error("the user's comment in register.go is lost")
	}

	version := p.add("example/v2", "Bar")
	for _, file := range []string{"pkg/apis/example/bar.go", "pkg/registry/example/bar/store.go", "go.mod", "pkg/apiserver/install.go"} {
		if _, ok := version.Files[file]; ok {
			t.Errorf("a second version changed %s", file)
		}
	}
	if v2 := string(p.read("pkg/apis/example/v2/bar.go")); !strings.HasPrefix(v2, "package v2") || !strings.Contains(v2, "Color Color `json:") {
		t.Errorf("the second version does not have the fields of the first:\n%s", v2)
	}

	p.add("my-group.example.com/v1beta1", "HTTPRoute", clusterScoped)
	p.add("runtime.example.com/v1", "Vendor", noStatus, clusterScoped)
	p.add("bar.example.com/v1alpha1", "Bar")
	p.add("bar.example.com/v1alpha1", "Doc")
	p.generate()
	p.mustBeThere("example/v1", "Bar", shortNames("br"), categories("all", "things"), withScaling)
	p.mustBeThere("example/v1", "Foo", noStatus)
	p.mustBeThere("example/v2", "Bar", shortNames("br"), categories("all", "things"), withScaling)
	p.mustBeThere("my-group.example.com/v1beta1", "HTTPRoute", clusterScoped)
	p.mustBeThere("bar.example.com/v1alpha1", "Doc")

	if unformatted := p.run("gofmt", "-l", "."); unformatted != "" {
		t.Errorf("not formatted: %s", unformatted)
	}
	p.run("go", "mod", "tidy", "-diff")
	p.run("go", "vet", "./...")
	p.run("go", "test", "./pkg/apis/example/...", "./pkg/apis/bar/...")
}

// mustBeThere fails if adding the kind, which is there, changes anything.
func (p *testProject) mustBeThere(groupVersion, kind string, options ...func(*resourceOption)) {
	p.Helper()
	if again := p.add(groupVersion, kind, options...); len(again.Files) > 0 {
		p.Errorf("adding %s %s again changed %q", groupVersion, kind, sortedKeys(again.Files))
	}
}

func sortedKeys(files map[string][]byte) []string {
	return slices.Sorted(maps.Keys(files))
}

func TestAddTypeRefuses(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	for name, test := range map[string]struct {
		groupVersion, kind string
		option             func(*resourceOption)
		want               string
	}{
		"other flags":          {"example/v1", "Bar", clusterScoped, "--cluster-scoped"},
		"same first label":     {"example.com/v1", "Foo", nil, "first label"},
		"differs in case":      {"example/v1", "BAR", nil, "Bar"},
		"name of another type": {"example/v1", "BarList", nil, "Bar"},
		"scale without status": {"example/v1", "Foo", func(r *resourceOption) { r.Scale, r.NoStatus = true, true }, "--scale"},
	} {
		t.Run(name, func(t *testing.T) {
			r := p.resource(test.groupVersion, test.kind)
			if test.option != nil {
				test.option(&r)
			}
			loaded, err := project.Load(p.dir)
			if err != nil {
				t.Fatal(err)
			}
			result, err := AddType(loaded, r)
			if err == nil {
				t.Fatalf("no error, but %q", sortedKeys(result.Files))
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is not one line with %q: %v", test.want, err)
			}
		})
	}
}

// A project in which a file was renamed or removed says what is missing instead of growing a second one.
func TestAddTypeFindsRegistrationInAnotherFile(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	p.write(map[string][]byte{"pkg/apis/example/v1/scheme.go": p.read("pkg/apis/example/v1/register.go")})
	p.remove("pkg/apis/example/v1/register.go")
	result := p.add("example/v1", "Foo")
	if _, ok := result.Files["pkg/apis/example/v1/scheme.go"]; !ok {
		t.Errorf("changed %q", sortedKeys(result.Files))
	}
	if _, ok := result.Files["pkg/apis/example/v1/register.go"]; ok {
		t.Error("register.go was made anew beside scheme.go")
	}
}
