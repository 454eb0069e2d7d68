package scaffold

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
)

// differences are what conversion-gen says when a version calls a field Text, has numbers of another type and lacks a phase.
func differences() []Difference { return differencesIn("example.com/demo") }

func differencesIn(module string) []Difference {
	internal, version := module+"/pkg/apis/example", module+"/pkg/apis/example/v2"
	return []Difference{
		{Package: version, From: version + ".BarSpec", To: internal + ".BarSpec", Type: version + ".BarSpec", Fields: []string{"Text"}},
		{Package: version, From: internal + ".BarSpec", To: version + ".BarSpec", Type: internal + ".BarSpec", Fields: []string{"Description"}},
		{Package: version, From: internal + ".BarStatus", To: version + ".BarStatus", Type: internal + ".BarStatus", Fields: []string{"Phase"}},
		{Package: version, From: "int64", To: "bool", Type: internal + ".BarStatus", Fields: []string{"ObservedGeneration"}},
		{Package: version, From: version + ".FooSpec", To: internal + ".FooSpec", Type: version + ".FooSpec", Fields: []string{"Other"}},
	}
}

func newConversionProject(t *testing.T) *testProject {
	t.Helper()
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	p.add("example/v2", "Bar")
	p.edit("pkg/apis/example/v2/bar.go", "Description string `json:\"description", "Text string `json:\"text")
	p.edit("pkg/apis/example/v2/bar.go", "Phase string `json:\"phase,omitempty\"`", "")
	p.edit("pkg/apis/example/v2/bar.go", "ObservedGeneration int64", "ObservedGeneration bool")
	return p
}

func addDifferences(p *project.Project, t resource.Type) (*Result, error) {
	return AddConversion(p, t, differences())
}

// Both ways are begun for each type that differs, whichever the generator complains of, and for the kind alone.
func TestAddConversion(t *testing.T) {
	bar := resource.Type{Group: "example", Version: "v2", Kind: "Bar"}
	p := newConversionProject(t)
	before := p.files()
	result := p.mustApply(bar, addDifferences)
	if got := sortedKeys(result.Files); !slices.Equal(got, []string{"pkg/apis/example/v2/conversion.go"}) {
		t.Errorf("changed %q", got)
	}
	want := []string{
		"pkg/apis/example/v2/conversion.go:17: convert Text of v2 to the internal type and set its Description",
		"pkg/apis/example/v2/conversion.go:27: convert Description of the internal type to v2 and set its Text",
		"pkg/apis/example/v2/conversion.go:37: set its Phase",
		"pkg/apis/example/v2/conversion.go:47: convert Phase of the internal type to v2",
		"pkg/apis/example/v2/conversion.go:54: convert ObservedGeneration of the internal type to v2, in BarStatus",
	}
	if got := UnfilledIn(result.Files); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again := p.mustApply(bar, addDifferences); len(again.Files) > 0 {
		t.Errorf("again changed %q", sortedKeys(again.Files))
	}
	p.mustApply(bar, RemoveConversion)
	p.mustBe(before, "and back")
}

// What is in conversion.go already stays as it is, and so does what is filled in.
func TestConversionsByHandStay(t *testing.T) {
	bar := resource.Type{Group: "example", Version: "v2", Kind: "Bar"}
	p := newConversionProject(t)
	const mine = "// Package v2 has conversions of mine.\npackage v2\n\nimport \"errors\"\n\nfunc mine() error { return errors.New(\"mine\") }\n"
	p.write(map[string][]byte{"pkg/apis/example/v2/conversion.go": []byte(mine)})
	before := p.files()
	p.mustApply(bar, addDifferences)
	p.mustApply(bar, RemoveConversion)
	p.mustBe(before, "beside the user's own")

	p.mustApply(bar, addDifferences)
	p.edit("pkg/apis/example/v2/conversion.go", "\t"+Unfilled+"convert Text of v2 to the internal type and set its Description\n\treturn errors.New(\"Convert_v2_BarSpec_To_example_BarSpec in pkg/apis/example/v2/conversion.go is not written yet\")",
		"\tout.Description = in.Text\n\treturn nil")
	p.edit("pkg/apis/example/v2/conversion.go", "func Convert_int64_To_bool(", "// Mine.\nfunc Convert_int64_To_bool(")
	result := p.mustApply(bar, RemoveConversion)
	if notes := strings.Join(result.Notes, "\n"); !strings.Contains(notes, "Convert_v2_BarSpec_To_example_BarSpec in pkg/apis/example/v2/conversion.go stays, as it is filled in") ||
		!strings.Contains(notes, "Convert_int64_To_bool in pkg/apis/example/v2/conversion.go stays, as it is not what add conversion wrote") {
		t.Errorf("got notes %q", result.Notes)
	}
	left := string(p.read("pkg/apis/example/v2/conversion.go"))
	if !strings.Contains(left, "out.Description = in.Text") || strings.Contains(left, "Convert_example_BarSpec_To_v2_BarSpec(in *") {
		t.Errorf("left is\n%s", left)
	}
	p.mustApply(bar, addDifferences)
	if !strings.Contains(string(p.read("pkg/apis/example/v2/conversion.go")), "out.Description = in.Text") {
		t.Error("what was filled in is overwritten")
	}
}

// The conversions of another kind of the version stay.
func TestRemoveConversionOfOneKind(t *testing.T) {
	const internal, version = "example.com/demo/pkg/apis/example", "example.com/demo/pkg/apis/example/v2"
	bar, foo := resource.Type{Group: "example", Version: "v2", Kind: "Bar"}, resource.Type{Group: "example", Version: "v2", Kind: "Foo"}
	p := newConversionProject(t)
	p.add("example/v1", "Foo")
	p.add("example/v2", "Foo")
	addFoo := func(p *project.Project, t resource.Type) (*Result, error) {
		return AddConversion(p, t, []Difference{
			{Package: version, From: version + ".FooSpec", To: internal + ".FooSpec", Type: version + ".FooSpec", Fields: []string{"Description"}},
			{Package: version, From: "int32", To: "string", Type: version + ".FooStatus", Fields: []string{"Phase"}},
		})
	}
	before := p.files()
	p.mustApply(foo, addFoo)
	ofFoo := p.files()
	p.mustApply(bar, addDifferences)
	if result := p.mustApply(bar, RemoveConversion); len(result.Notes) > 0 {
		t.Errorf("got notes %q", result.Notes)
	}
	p.mustBe(ofFoo, "without those of Bar")
	p.mustApply(foo, RemoveConversion)
	p.mustBe(before, "without those of Foo")
}

// A subresource of the project's own is served in versions that come later.
func TestFurtherVersionsServeSubresources(t *testing.T) {
	bar := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	p.mustApply(bar, subresourceVerb("approve", "").add)
	p.add("example/v2", "Bar")
	if got := strings.Count(string(p.read("pkg/registry/example/store.go")), `"bars/approve": barstorage.NewApproveREST(scheme, bars.Bar),`); got != 2 {
		t.Errorf("served %d times:\n%s", got, p.read("pkg/registry/example/store.go"))
	}
	p.mustBeThere("example/v2", "Bar")
	if !strings.Contains(string(p.read("pkg/apis/example/v2/bar.go")), `+k8s:supportsSubresource="/approve"`) {
		t.Error("v2 does not support it")
	}
}

// A status with a conversion stays: the conversion would not compile without it.
func TestStatusThatIsConvertedStays(t *testing.T) {
	v1, v2 := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}, resource.Type{Group: "example", Version: "v2", Kind: "Bar"}
	p := newConversionProject(t)
	p.mustApply(v2, addDifferences)
	before := p.files()
	status := subresourceVerb("status", "")
	const want = "pkg/apis/example/v2/conversion.go:33:6: Convert_v2_BarStatus_To_example_BarStatus converts the status of Bar: kubecraft remove conversion example/v2 Bar first"
	if _, err := p.apply(v1, status.remove); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	p.mustBe(before, "refused")
}
