package resource

import (
	"go/token"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	for kind, want := range map[string][2]string{
		"Bar":       {"bars", "bar"},
		"Policy":    {"policies", "policy"},
		"Bus":       {"buses", "bus"},
		"Box":       {"boxes", "box"},
		"Batch":     {"batches", "batch"},
		"Day":       {"days", "day"},
		"Leaf":      {"leaves", "leaf"},
		"HTTPRoute": {"httproutes", "httproute"},
		"Fischer":   {"fischers", "fischer"},
	} {
		r := Resource{Kind: kind}
		r.Complete()
		if got := [2]string{r.Plural, r.Singular}; got != want {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
	}
}

func TestCompleteKeepsWhatIsGiven(t *testing.T) {
	r := Resource{Kind: "Data", Plural: "data", Singular: "datum"}
	r.Complete()
	if r.Plural != "data" || r.Singular != "datum" {
		t.Errorf("got %s, %s", r.Plural, r.Singular)
	}
}

func TestParseGroupVersion(t *testing.T) {
	for in, want := range map[string][2]string{
		"example/v1":                  {"example", "v1"},
		"batch.example.com/v2beta1":   {"batch.example.com", "v2beta1"},
		"my-group.example.com/v1":     {"my-group.example.com", "v1"},
		"wardle.example.com/v1alpha1": {"wardle.example.com", "v1alpha1"},
	} {
		group, version, err := ParseGroupVersion(in)
		if err != nil || group != want[0] || version != want[1] {
			t.Errorf("%s: got %s, %s, %v", in, group, version, err)
		}
	}
}

func TestRejected(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, test := range []struct {
		change func(*Resource)
		// want are parts of the message: what is wrong, and what to do.
		want []string
	}{
		{func(r *Resource) { r.Group = "" }, []string{`group ""`, "example"}},
		{func(r *Resource) { r.Group = "Example" }, []string{`group "Example"`, "use example"}},
		{func(r *Resource) { r.Group = "ex_ample" }, []string{`group "ex_ample"`, "Kubernetes rejects it"}},
		{func(r *Resource) { r.Group = "example." }, []string{`group "example."`, "Kubernetes rejects it"}},
		{func(r *Resource) { r.Group = long + ".com" }, []string{"64 characters", "at most 63"}},
		{func(r *Resource) { r.Group = "func.example.com" }, []string{"func", "Go keyword", "myfunc.example.com"}},
		{func(r *Resource) { r.Group = "string" }, []string{"Go predeclares string", "mystring"}},
		{func(r *Resource) { r.Group = "3d.example.com" }, []string{"cannot start with a digit"}},
		{func(r *Resource) { r.Group = "main" }, []string{"mymain"}},
		{func(r *Resource) { r.Group = "in-ternal" }, []string{"in-ternal"}},
		{func(r *Resource) { r.Group = "v1.example.com" }, []string{"another meaning"}},
		{func(r *Resource) { r.Version = "1" }, []string{`version "1"`, "use v1"}},
		{func(r *Resource) { r.Version = "v0" }, []string{`version "v0"`}},
		{func(r *Resource) { r.Version = "v01" }, []string{`version "v01"`}},
		{func(r *Resource) { r.Version = "v1gamma1" }, []string{`version "v1gamma1"`}},
		{func(r *Resource) { r.Version = "v1beta" }, []string{`version "v1beta"`}},
		{func(r *Resource) { r.Version = "V1Beta1" }, []string{"use v1beta1"}},
		{func(r *Resource) { r.Kind = "" }, []string{"kind", "empty"}},
		{func(r *Resource) { r.Kind = "bar" }, []string{`kind "bar"`, "use Bar"}},
		{func(r *Resource) { r.Kind = "foo-bar" }, []string{"use FooBar"}},
		{func(r *Resource) { r.Kind = "string" }, []string{"use String"}},
		{func(r *Resource) { r.Kind = "Bär" }, []string{"letters and digits"}},
		{func(r *Resource) { r.Kind = "3D" }, []string{"starting with a letter"}},
		{func(r *Resource) { r.Kind = "Func" }, []string{"Go keyword", "MyFunc"}},
		{func(r *Resource) { r.Kind = "Type" }, []string{"Go keyword"}},
		{func(r *Resource) { r.Kind = "Test" }, []string{`kind "Test"`, "fake_test.go", "MyTest"}},
		{func(r *Resource) { r.Kind = "Windows" }, []string{"fake_windows.go", "MyWindows"}},
		{func(r *Resource) { r.Kind = "Arm64" }, []string{"fake_arm64.go"}},
		{func(r *Resource) { r.Kind = "JS" }, []string{"fake_js.go"}},
		{func(r *Resource) { r.Kind = "Result" }, []string{"name parameters result", "MyResult"}},
		{func(r *Resource) { r.Kind = "Ctx" }, []string{"name parameters ctx"}},
		{func(r *Resource) { r.Kind = "Opts" }, []string{"name parameters opts"}},
		{func(r *Resource) { r.Kind = "Err" }, []string{"name parameters err"}},
		{func(r *Resource) { r.Kind = "Typed" }, []string{"TypedInformer", "MyTyped"}},
		{func(r *Resource) { r.Kind = "ListOptions" }, []string{"MyListOptions"}},
		{func(r *Resource) { r.Kind = "Resource" }, []string{"declares Resource"}},
		{func(r *Resource) { r.Kind = "A" + long }, []string{"65 characters"}},
		{func(r *Resource) { r.Plural = "Bars" }, []string{`plural "Bars"`, "use bars"}},
		{func(r *Resource) { r.Plural = "bars/x" }, []string{"Kubernetes rejects it", "--plural bars"}},
		{func(r *Resource) { r.Plural = "range" }, []string{"Go keyword", "--plural bars"}},
		{func(r *Resource) { r.Plural = "len" }, []string{"predeclares", "--plural bars"}},
		{func(r *Resource) { r.Singular = "a bar" }, []string{"singular", "--singular bar"}},
		{func(r *Resource) { r.ShortNames = []string{"br", "br"} }, []string{`short name "br"`, "twice"}},
		{func(r *Resource) { r.ShortNames = []string{"BR"} }, []string{"use br"}},
		{func(r *Resource) { r.ShortNames = []string{""} }, []string{"short name"}},
		{func(r *Resource) { r.ShortNames = []string{"bars"} }, []string{"plural of Bar already"}},
		{func(r *Resource) { r.Categories = []string{"All"} }, []string{`category "All"`, "use all"}},
		{func(r *Resource) { r.Categories = []string{"all", "all"} }, []string{"twice"}},
	} {
		r := Resource{Group: "example", Version: "v1", Kind: "Bar"}
		r.Complete()
		test.change(&r)
		err := r.Validate()
		if err == nil {
			t.Errorf("%+v: accepted, want an error with %q", r, test.want)
			continue
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: more than one line", err)
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: want %q in it", err, want)
			}
		}
	}
}

func TestAccepted(t *testing.T) {
	for _, r := range []Resource{
		{Group: "example", Version: "v1", Kind: "Bar", ShortNames: []string{"br"}, Categories: []string{"all"}},
		{Group: "batch.example.com", Version: "v1alpha1", Kind: "HTTPRoute"},
		{Group: "example", Version: "v1", Kind: "Error"},
		{Group: "example", Version: "v1", Kind: "AllowList"},
		{Group: "example", Version: "v1", Kind: "LoadTest"},
		{Group: "example", Version: "v1", Kind: "Name"},
		{Group: "example", Version: "v1", Kind: "Data", Plural: "data", Singular: "data"},
		{Group: "x.k8s.io", Version: "v1", Kind: "Doc"},
		{Group: "apps", Version: "v1", Kind: "X"},
	} {
		r.Complete()
		if err := r.Validate(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestParseGroupVersionRejected(t *testing.T) {
	for in, want := range map[string]string{
		"v1":         "example/v1",
		"example":    "GROUP/VERSION",
		"":           "GROUP/VERSION",
		"/v1":        "GROUP/VERSION",
		"example/":   "GROUP/VERSION",
		"a/v1/b":     "GROUP/VERSION",
		"Example/v1": "use example",
		"example/1":  "use v1",
	} {
		_, _, err := ParseGroupVersion(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q in it", in, err, want)
		}
	}
}

func TestNotes(t *testing.T) {
	for group, want := range map[string]string{"x.k8s.io": "approval", "apps": "beside it", "example": "", "myk8s.io": ""} {
		got := strings.Join(Resource{Group: group}.Notes(), "")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q", group, got)
		}
	}
}

func TestGoNames(t *testing.T) {
	for _, test := range []struct {
		r                     Resource
		dir, file, pkg, store string
	}{
		{Resource{Group: "example", Kind: "Bar"}, "example", "bar.go", "bar", "bars"},
		{Resource{Group: "my-group.example.com", Kind: "FooPolicy"}, "mygroup", "foopolicy.go", "foopolicy", "fooPolicies"},
		{Resource{Group: "example", Kind: "HTTPRoute"}, "example", "httproute.go", "httproute", "httpRoutes"},
		{Resource{Group: "example", Kind: "Error"}, "example", "error.go", "errorkind", "errorsStorage"},
		{Resource{Group: "example", Kind: "Doc"}, "example", "doc_types.go", "doc", "docs"},
		{Resource{Group: "example", Kind: "Register"}, "example", "register_types.go", "register", "registers"},
		{Resource{Group: "example", Kind: "Main"}, "example", "main.go", "mainkind", "mains"},
		{Resource{Group: "example", Kind: "Example"}, "example", "example.go", "examplekind", "examples"},
		{Resource{Group: "example", Kind: "X"}, "example", "x.go", "x", "xStorage"},
		{Resource{Group: "example", Kind: "Vendor"}, "example", "vendor.go", "vendorkind", "vendors"},
		{Resource{Group: "bars", Kind: "Bar"}, "bars", "bar.go", "bar", "barsStorage"},
	} {
		r := test.r
		got := [4]string{r.GroupDir(), r.FileName(), r.RegistryPackage(), r.StorageVar()}
		if want := [4]string{test.dir, test.file, test.pkg, test.store}; got != want {
			t.Errorf("%s %s: got %q, want %q", r.Group, r.Kind, got, want)
		}
		for _, name := range []string{r.GroupDir(), r.RegistryPackage(), r.StorageVar(), r.InstallAlias(), r.RegistryAlias()} {
			if !token.IsIdentifier(name) {
				t.Errorf("%s %s: %q is no Go identifier", r.Group, r.Kind, name)
			}
		}
	}
}
