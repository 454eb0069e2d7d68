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
	p.run("go", "build", "./...")
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

// refused adds a kind that must be refused, and returns why.
func (p *testProject) refused(groupVersion, kind string) error {
	p.Helper()
	loaded, err := project.Load(p.dir)
	if err != nil {
		p.Fatal(err)
	}
	result, err := AddType(loaded, p.resource(groupVersion, kind))
	if err == nil {
		p.Fatalf("add type %s %s: no error, but %q", groupVersion, kind, sortedKeys(result.Files))
	}
	if strings.Contains(err.Error(), "\n") {
		p.Errorf("error is not one line: %v", err)
	}
	return err
}

// A file of the user's that has the name of the kind's own stays as it is, in every package of types.
func TestAddTypeKeepsFilesOfItsName(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Foo")
	p.add("example/v1", "Bar")
	p.add("example/v2", "Foo")
	helpers := map[string][]byte{
		"pkg/apis/example/v1/widget.go": []byte("package v1\n\nfunc help() {}\n"),
		"pkg/apis/example/v2/bar.go":    []byte("package v2\n\nfunc help() {}\n"),
	}
	p.write(helpers)
	for _, result := range []*Result{p.add("example/v1", "Widget"), p.add("example/v2", "Bar")} {
		for name := range helpers {
			if _, ok := result.Files[name]; ok {
				t.Errorf("%s was overwritten", name)
			}
		}
	}
	for name, want := range map[string]string{
		"pkg/apis/example/v1/widget_types.go": "type Widget struct",
		"pkg/apis/example/v2/bar_types.go":    "type Bar struct",
	} {
		if !strings.Contains(string(p.read(name)), want) {
			t.Errorf("%s has no %s", name, want)
		}
	}

	p.write(map[string][]byte{
		"pkg/apis/example/baz.go":       []byte("package example\n\nfunc help() {}\n"),
		"pkg/apis/example/baz_types.go": []byte("package example\n\nfunc helpMore() {}\n"),
	})
	if err := p.refused("example/v1", "Baz"); !strings.Contains(err.Error(), "pkg/apis/example/baz.go: is there without a type Baz") {
		t.Error(err)
	}
}

// Types that are no kinds are not taken for one.
func TestAddTypeRefusesNamesOfOtherTypes(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Foo")
	p.write(map[string][]byte{"pkg/apis/example/v1/helpers.go": []byte("package v1\n\ntype (\n\tCondition struct{}\n\tBarSpec   struct{}\n)\n")})
	if err := p.refused("example/v1", "Condition"); !strings.Contains(err.Error(), "pkg/apis/example/v1/helpers.go:4:2: declares Condition, which is not registered as a kind") {
		t.Error(err)
	}
	if err := p.refused("example/v1", "Bar"); !strings.Contains(err.Error(), "pkg/apis/example/v1/helpers.go:5:2: declares BarSpec, which kind Bar needs for itself") {
		t.Error(err)
	}
	p.write(map[string][]byte{"pkg/registry/example/baz/baz.go": []byte("package baz\n")})
	if err := p.refused("example/v1", "Baz"); !strings.Contains(err.Error(), "pkg/registry/example/baz/baz.go: is there, and does not store Baz") {
		t.Error(err)
	}
}

// rename moves a file as a user would.
func (p *testProject) rename(old, new string) {
	p.Helper()
	p.write(map[string][]byte{new: p.read(old)})
	p.remove(old)
}

// Places are found in whatever file of their package they are, and no second one is made beside them.
func TestAddTypeFindsPlacesInOtherFiles(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Foo")
	p.rename("pkg/registry/example/store.go", "pkg/registry/example/rest.go")
	p.rename("pkg/apis/example/install/install.go", "pkg/apis/example/install/scheme.go")
	p.rename("pkg/apiserver/install.go", "pkg/apiserver/groups.go")
	p.write(map[string][]byte{
		"pkg/registry/example/store.go":   []byte("package example\n"),
		"pkg/apiserver/.#groups.go":       []byte("not Go"),
		"pkg/apiserver/_old.go":           []byte("not Go"),
		"pkg/registry/example/bar/_a.go":  []byte("not Go"),
		"pkg/registry/example/bar/a.text": []byte("not Go"),
	})
	second := sortedKeys(p.add("example/v2", "Bar").Files)
	third := sortedKeys(p.add("other/v1", "Baz").Files)
	for _, name := range []string{"pkg/registry/example/store.go", "pkg/apis/example/install/install.go", "pkg/apiserver/install.go"} {
		if slices.Contains(second, name) || slices.Contains(third, name) {
			t.Errorf("%s was written beside the file that has its place", name)
		}
	}
	for _, name := range []string{"pkg/registry/example/rest.go", "pkg/apis/example/install/scheme.go"} {
		if !slices.Contains(second, name) {
			t.Errorf("%s was not edited, only %q", name, second)
		}
	}
	if !slices.Contains(third, "pkg/apiserver/groups.go") {
		t.Errorf("pkg/apiserver/groups.go was not edited, only %q", third)
	}

	p.remove("pkg/apiserver/groups.go")
	p.remove("pkg/registry/example/rest.go")
	for kind, want := range map[string][]string{
		"example/v1": {"pkg/registry/example/store.go: found no", "VersionedResourcesStorageMap[\"v1\"][\"kinds\"]"},
		"third/v1":   {"pkg/apiserver: found no", "{Install: thirdinstall.Install, NewRESTStorage: thirdregistry.NewRESTStorage},"},
	} {
		err := p.refused(kind, "Kindly")
		for _, part := range want {
			if !strings.Contains(err.Error(), strings.ReplaceAll(part, "kinds", "kindlies")) {
				t.Errorf("%s: %v: want %s in it", kind, err, part)
			}
		}
	}
}

// A version's folder may have another name than the version.
func TestAddTypeIntoARenamedFolder(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Foo")
	for _, name := range []string{"doc.go", "register.go", "defaults.go", "foo.go"} {
		p.rename("pkg/apis/example/v1/"+name, "pkg/apis/example/stable/"+name)
		p.edit("pkg/apis/example/stable/"+name, "package v1\n", "package stable\n")
	}
	p.add("example/v1", "Bar")
	if store := string(p.read("pkg/registry/example/bar/store.go")); !strings.Contains(store, `examplev1 "example.com/demo/pkg/apis/example/stable"`) {
		t.Errorf("the storage does not import the version's folder:\n%s", store)
	}
	if types := string(p.read("pkg/apis/example/stable/bar.go")); !strings.Contains(types, "package stable\n") {
		t.Errorf("the types are of another package:\n%s", types)
	}
}

// The names that the generators derive and those that are given must be one.
func TestAddTypeTellsGeneratorsThePlural(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Datum", func(r *resourceOption) { r.Plural = "data" })
	p.add("example/v1", "Policy", func(r *resourceOption) { r.Plural = "policies" })
	p.generate()
	for name, want := range map[string]string{
		"pkg/generated/clientset/versioned/typed/example/v1/datum.go":           `"data",`,
		"pkg/generated/clientset/versioned/typed/example/v1/fake/fake_datum.go": `WithResource("data")`,
		"pkg/generated/informers/externalversions/generic.go":                   `WithResource("data")`,
	} {
		if !strings.Contains(string(p.read(name)), want) {
			t.Errorf("%s does not have %s", name, want)
		}
	}
	if strings.Contains(string(p.read("pkg/apis/example/v1/policy.go")), "+resourceName") {
		t.Error("a plural that generators derive is spelled out")
	}
}

// A short name that another group has is worth a line.
func TestAddTypeNotesSharedShortNames(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar", shortNames("br"))
	result := p.add("other/v1", "Baz", shortNames("br"))
	if notes := strings.Join(result.Notes, "\n"); !strings.Contains(notes, "short name br: is also a name of bars in example") {
		t.Errorf("got notes %q", notes)
	}
	p.mustBeThere("example/v1", "Bar", shortNames("br"))
}
