package project

import (
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/resource"
)

func bar() resource.Resource {
	return resource.Resource{
		Group: "example", Version: "v1", Kind: "Bar", Plural: "barren", ShortNames: []string{"br", "b"}, Categories: []string{"all"}, Scale: true,
	}
}

func TestCheckAdd(t *testing.T) {
	p := load(t, write(t, "project", "demo"))
	for name, test := range map[string]struct {
		change func(*resource.Resource)
		// want are parts of the message; none when r can be added.
		want []string
	}{
		"as it is":          {func(r *resource.Resource) {}, nil},
		"a new kind":        {func(r *resource.Resource) { *r = resource.Resource{Group: "example", Version: "v1", Kind: "Baz"} }, nil},
		"a new version":     {func(r *resource.Resource) { *r = resource.Resource{Group: "example", Version: "v2", Kind: "Bar"} }, nil},
		"a new group":       {func(r *resource.Resource) { r.Group = "other.example.com" }, nil},
		"other short names": {func(r *resource.Resource) { r.ShortNames = []string{"x"} }, []string{"--short-names was br,b, now x", "example/v1", "with --short-names br,b"}},
		"what one version was not given": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v1", Kind: "Foo", NoStatus: true}
		}, []string{"--cluster-scoped was true, now false", "with --cluster-scoped"}},
		"as the second version was added": {func(r *resource.Resource) { *r = resource.Resource{Group: "example", Version: "v1beta1", Kind: "Bar"} }, nil},
		"twice in the listers": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v1", Kind: "BarNamespace"}
		}, []string{"beside Bar in example/v1"}},
		"twice in the informers": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v1", Kind: "FilteredFoo"}
		}, []string{"beside Foo in example/v1"}},
		"new categories":    {func(r *resource.Resource) { r.Categories = []string{"x"} }, []string{"--categories was all, now x"}},
		"another scope":     {func(r *resource.Resource) { r.ClusterScoped = true }, []string{"--cluster-scoped was false, now true", "with no --cluster-scoped"}},
		"another plural":    {func(r *resource.Resource) { r.Plural = "bars" }, []string{"--plural was barren, now bars"}},
		"no status":         {func(r *resource.Resource) { r.NoStatus = true }, []string{"--no-status was false, now true"}},
		"version and scope": {func(r *resource.Resource) { r.Version, r.ClusterScoped = "v2", true }, []string{"--cluster-scoped was false, now true"}},
		"case":              {func(r *resource.Resource) { r.Kind, r.Plural = "BAR", "x" }, []string{`kind "BAR"`, "only in case from Bar in example/v1"}},
		"plural": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v2", Kind: "X", Plural: "foos"}
		}, []string{"plural foos is the plural of Foo in example/v1", "--plural"}},
		"short name": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v1", Kind: "X", ShortNames: []string{"br"}}
		}, []string{"short name br is the short name of Bar", "--short-names"}},
		"short name, plural": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v1", Kind: "X", ShortNames: []string{"foos"}}
		}, []string{"short name foos is the plural of Foo"}},
		"singular": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v1", Kind: "X", Singular: "bar"}
		}, []string{"singular bar is the singular of Bar"}},
		"list":   {func(r *resource.Resource) { *r = resource.Resource{Group: "example", Version: "v1", Kind: "BarList"} }, []string{"name of a type of kind Bar"}},
		"status": {func(r *resource.Resource) { *r = resource.Resource{Group: "example", Version: "v1", Kind: "FooStatus"} }, []string{"name of a type of kind Foo"}},
		"storage package": {func(r *resource.Resource) {
			*r = resource.Resource{Group: "example", Version: "v1", Kind: "Foostorage"}
		}, []string{"pkg/registry/example/foostorage", "Foo"}},
		"first label":        {func(r *resource.Resource) { r.Group = "example.org" }, []string{`group "example.org"`, "pkg/apis/example has for group example"}},
		"without its dashes": {func(r *resource.Resource) { r.Group = "b-a-t-c-h" }, []string{"pkg/apis/batch has for group batch.example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := bar()
			test.change(&r)
			r = Inherit(p, r)
			if err := r.Validate(); err != nil {
				t.Fatal(err)
			}
			err := CheckAdd(p, r)
			if (err == nil) != (len(test.want) == 0) {
				t.Fatalf("got %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%q: want %q in one line", err, want)
				}
			}
			if there := AlreadyThere(p, r); there != (name == "as it is" || name == "as the second version was added") {
				t.Errorf("already there: %v", there)
			}
		})
	}
}

func TestInherit(t *testing.T) {
	p := load(t, write(t, "project", "demo"))
	got := Inherit(p, resource.Resource{Group: "example", Version: "v2", Kind: "Bar"})
	if got.Plural != "barren" || strings.Join(got.ShortNames, " ") != "br b" || !got.Scale || got.Version != "v2" {
		t.Errorf("a further version: got %+v", got)
	}
	got = Inherit(p, resource.Resource{Group: "example", Version: "v1beta1", Kind: "Bar"})
	if got.Plural != "barren" || !got.Scale {
		t.Errorf("one of two versions that are there: got %+v", got)
	}
	got = Inherit(p, resource.Resource{Group: "example", Version: "v1", Kind: "Foo"})
	if got.ClusterScoped || got.NoStatus {
		t.Errorf("the only version: got %+v", got)
	}
	got = Inherit(p, resource.Resource{Group: "new", Version: "v1", Kind: "Bar"})
	if got.Plural != "bars" || got.Singular != "bar" {
		t.Errorf("a new kind: got %+v", got)
	}
}

// A kind that is registered but that nothing serves is not there yet.
func TestAlreadyThereWantsStorage(t *testing.T) {
	p := load(t, write(t, "project", "demo"))
	r := p.Group("batch.example.com").Kind("Job").Resource
	if AlreadyThere(p, r) {
		t.Error("a kind without storage is there")
	}
}

func TestSharedNames(t *testing.T) {
	p := load(t, write(t, "project", "demo"))
	r := resource.Resource{Group: "other", Version: "v1", Kind: "Baz", Plural: "bazs", ShortNames: []string{"br", "bz"}}
	if notes := SharedNames(p, r); len(notes) != 1 || !strings.Contains(notes[0], "short name br: is also a name of barren in example") {
		t.Errorf("got %q", notes)
	}
	r.Group = "example"
	if notes := SharedNames(p, r); len(notes) != 0 {
		t.Errorf("in its own group: got %q", notes)
	}
}
