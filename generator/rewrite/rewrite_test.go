package rewrite

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// edited applies an edit and checks what holds for all of them: one insertion, formatted code stays formatted, Windows'
// line endings stay, a second application changes nothing.
func edited(t *testing.T, src string, edit func([]byte) ([]byte, error)) string {
	t.Helper()
	out, err := edit([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if formatted([]byte(src)) && !formatted(out) {
		t.Errorf("no longer formatted:\n%s", out)
	}
	again, err := edit(out)
	if err != nil || !bytes.Equal(again, out) {
		t.Errorf("a second application (%v) changed\n%s\nto\n%s", err, out, again)
	}
	windows, err := edit([]byte(strings.ReplaceAll(src, "\n", "\r\n")))
	if err != nil || string(windows) != strings.ReplaceAll(string(out), "\n", "\r\n") {
		t.Errorf("with Windows' line endings (%v):\n%q", err, windows)
	}
	return string(out)
}

// check compares, « standing in the source where the insertion belongs.
func check(t *testing.T, marked, inserted string, edit func([]byte) ([]byte, error)) {
	t.Helper()
	src := strings.ReplaceAll(marked, "«", "")
	want := strings.ReplaceAll(marked, "«", inserted)
	if got := edited(t, src, edit); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAddImport(t *testing.T) {
	for name, test := range map[string]struct{ marked, inserted, name, path string }{
		"none":                 {"// Package a.\npackage a // a\n«", "", "", ""},
		"first":                {"// Package a.\npackage a // a«\n\nvar x int\n", "\n\nimport \"fmt\"", "", "fmt"},
		"one":                  {"package a\n\nimport \"fmt\" // f«\n\nvar x int\n", "\nimport z \"x.y/z\"", "z", "x.y/z"},
		"in order":             {"package a\n\nimport (\n\t\"fmt\"«\n\t\"os\"\n\n\t\"k8s.io/a\"\n)\n", "\n\t\"io\"", "", "io"},
		"front of group":       {"package a\n\nimport (\n\t«\"fmt\" // f\n\t\"os\"\n)\n", "\"bytes\"\n\t", "", "bytes"},
		"end of group":         {"package a\n\nimport (\n\t\"fmt\"\n\n\t\"k8s.io/a\"\n\tb \"k8s.io/b\"«\n\n\t\"x.y/z\"\n)\n", "\n\tc \"k8s.io/c\"", "c", "k8s.io/c"},
		"the nearest group":    {"package a\n\nimport (\n\t\"k8s.io/a\"\n\n\t\"x.y/z/a\"«\n\t\"x.y/z/c\"\n)\n", "\n\t\"x.y/z/b\"", "", "x.y/z/b"},
		"a group of its own":   {"package a\n\nimport (\n\t\"fmt\"«\n)\n", "\n\n\t\"x.y/z\"", "", "x.y/z"},
		"comments in columns":  {"package a\n\nimport (\n\t\"fmt\"     // f\n\t\"strings\" // s«\n)\n", "\n\n\t\"io\"", "", "io"},
		"empty parentheses":    {"package a\n\nimport («)\n", "\n\t\"fmt\"\n", "", "fmt"},
		"C stays alone":        {"package a\n\n// int x;\nimport \"C\"\n\nimport \"os\"«\n", "\nimport \"fmt\"", "", "fmt"},
		"only C":               {"package a«\n\n// int x;\nimport \"C\"\n", "\n\nimport \"fmt\"", "", "fmt"},
		"a comment in a group": {"package a\n\nimport (\n\t// first\n\t\"fmt\"«\n\t\"os\"\n)\n", "\n\t\"io\"", "", "io"},
		"side effects only":    {"package a\n\nimport _ \"fmt\"«\n", "\nimport \"fmt\"", "", "fmt"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.path == "" {
				test.path = "fmt"
				test.inserted = "\n\nimport \"fmt\""
				test.marked = "// Package a.\npackage a // a«\n"
			}
			check(t, test.marked, test.inserted, func(src []byte) ([]byte, error) {
				return AddImport("a.go", src, test.name, test.path)
			})
		})
	}
}

func TestAddImportThere(t *testing.T) {
	src := []byte("package a\n\nimport yaml \"sigs.k8s.io/yaml\"\n")
	out, err := AddImport("a.go", src, "other", "sigs.k8s.io/yaml")
	if err != nil || !bytes.Equal(src, out) {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestAddImportTaken(t *testing.T) {
	for name, src := range map[string]string{
		"import":           "package a\n\nimport \"k8s.io/bar\"\n",
		"alias":            "package a\n\nimport bar \"fmt\"\n",
		"variable":         "package a\n\nfunc f() { bar := 1; _ = bar }\n",
		"from other files": "package a\n\nvar x = bar + 1\n",
	} {
		_, err := AddImport("a.go", []byte(src), "", "x.y/bar")
		if err == nil || !strings.HasPrefix(err.Error(), "a.go:3: the name bar ") {
			t.Errorf("%s: got %v", name, err)
		}
		free, err := NameFor("a.go", []byte(src), "x.y/bar", "bar")
		if err != nil || free != "bar2" {
			t.Errorf("%s: got %s, %v", name, free, err)
		}
		if _, err := AddImport("a.go", []byte(src), free, "x.y/bar"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, src := range map[string]string{
		"field":    "package a\n\ntype t struct{ bar int }\n\nvar x = t{}.bar\n",
		"nothing":  "package a\n",
		"C import": "package a\n\nimport _ \"k8s.io/bar\"\n",
	} {
		if free, err := NameFor("a.go", []byte(src), "x.y/bar", "bar"); err != nil || free != "bar" {
			t.Errorf("%s: got %s, %v", name, free, err)
		}
	}
}

func TestImportName(t *testing.T) {
	src := []byte(`package a

import (
	_ "side.effect/only"
	yaml2 "gopkg.in/yaml.v2"
	"gopkg.in/yaml.v3"
	"example.com/demo/pkg/apis/example/v1"
	"k8s.io/api/autoscaling/v2"
	"k8s.io/klog/v2"
)

var _ = klog.Info
`)
	for path, want := range map[string]string{
		"side.effect/only":                     "",
		"gopkg.in/yaml.v2":                     "yaml2",
		"gopkg.in/yaml.v3":                     "yaml",
		"example.com/demo/pkg/apis/example/v1": "v1",
		"k8s.io/api/autoscaling/v2":            "v2",
		"k8s.io/klog/v2":                       "klog",
		"not/there":                            "",
	} {
		got, ok, err := ImportName("a.go", src, path)
		if err != nil || got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v, %v", path, got, ok, err)
		}
	}
}

func TestAddVersion(t *testing.T) {
	const head = "package install\n\nfunc Install(scheme *runtime.Scheme) {\n\tutilruntime.Must(example.AddToScheme(scheme))\n"
	for name, test := range map[string]struct{ src, want string }{
		"Must": {
			head + "\tutilruntime.Must(examplev1.AddToScheme(scheme)) // v1\n\tutilruntime.Must(scheme.SetVersionPriority(examplev1.SchemeGroupVersion))\n}\n",
			head + "\tutilruntime.Must(examplev1.AddToScheme(scheme)) // v1\n\tutilruntime.Must(examplev2.AddToScheme(scheme))\n\tutilruntime.Must(scheme.SetVersionPriority(examplev1.SchemeGroupVersion, examplev2.SchemeGroupVersion))\n}\n",
		},
		"errors returned": {
			"package install\n\nfunc Install(s *runtime.Scheme) error {\n\tif err := v1.AddToScheme(s); err != nil {\n\t\treturn err\n\t}\n\treturn s.SetVersionPriority(\n\t\tv1.GroupVersion,\n\t)\n}\n",
			"package install\n\nfunc Install(s *runtime.Scheme) error {\n\tif err := v1.AddToScheme(s); err != nil {\n\t\treturn err\n\t}\n\tif err := examplev2.AddToScheme(s); err != nil {\n\t\treturn err\n\t}\n\treturn s.SetVersionPriority(\n\t\tv1.GroupVersion,\n\t\texamplev2.GroupVersion,\n\t)\n}\n",
		},
		"an error assigned, then looked at": {
			"package install\n\nfunc Install(s *runtime.Scheme) (err error) {\n\terr = v1.AddToScheme(s)\n\tif err != nil {\n\t\treturn fmt.Errorf(\"%s: %w\", v1.Name, err)\n\t}\n\treturn nil\n}\n",
			"package install\n\nfunc Install(s *runtime.Scheme) (err error) {\n\terr = v1.AddToScheme(s)\n\tif err != nil {\n\t\treturn fmt.Errorf(\"%s: %w\", v1.Name, err)\n\t}\n\terr = examplev2.AddToScheme(s)\n\tif err != nil {\n\t\treturn fmt.Errorf(\"%s: %w\", examplev2.Name, err)\n\t}\n\treturn nil\n}\n",
		},
		"an error declared, then looked at": {
			"package install\n\nfunc Install(s *runtime.Scheme) {\n\terr := v1.AddToScheme(s)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n}\n",
			"package install\n\nfunc Install(s *runtime.Scheme) {\n\terr := v1.AddToScheme(s)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\terr = examplev2.AddToScheme(s)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n}\n",
		},
		"errors collected": {
			"package install\n\nfunc Install(s *runtime.Scheme) error {\n\tvar errs []error\n\terrs = append(errs, v1.AddToScheme(s))\n\treturn errors.Join(errs...)\n}\n",
			"package install\n\nfunc Install(s *runtime.Scheme) error {\n\tvar errs []error\n\terrs = append(errs, v1.AddToScheme(s))\n\terrs = append(errs, examplev2.AddToScheme(s))\n\treturn errors.Join(errs...)\n}\n",
		},
		"a builder, no priorities": {
			"package install\n\nvar builder = runtime.SchemeBuilder{\n\tv1.AddToScheme,\n}\n",
			"package install\n\nvar builder = runtime.SchemeBuilder{\n\tv1.AddToScheme,\n\texamplev2.AddToScheme,\n}\n",
		},
		"priority missing": {
			head + "\tutilruntime.Must(examplev2.AddToScheme(scheme))\n\tutilruntime.Must(scheme.SetVersionPriority(v1.SchemeGroupVersion))\n}\n",
			head + "\tutilruntime.Must(examplev2.AddToScheme(scheme))\n\tutilruntime.Must(scheme.SetVersionPriority(v1.SchemeGroupVersion, examplev2.SchemeGroupVersion))\n}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := edited(t, test.src, func(src []byte) ([]byte, error) { return AddVersion("install.go", src, "examplev2") })
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// An error that something other than the next statement looks at would be overwritten.
func TestAddVersionLosesNoError(t *testing.T) {
	for _, code := range []string{
		"err := v1.AddToScheme(s)\n\treturn err",
		"var err error\n\terr = v1.AddToScheme(s)\n\tif other != nil {\n\t\treturn other\n\t}\n\treturn err",
		"var err error\n\terr = v1.AddToScheme(s)\n\tlog(err)\n\treturn nil",
	} {
		src := "package install\n\nfunc Install(s *runtime.Scheme) error {\n\t" + code + "\n}\n"
		out, err := AddVersion("install.go", []byte(src), "examplev2")
		var notFound *NotFoundError
		if !errors.As(err, &notFound) {
			t.Errorf("got %v\n%s", err, out)
		}
	}
}

func TestAddGroup(t *testing.T) {
	const element = "{Install: b.Install, NewRESTStorage: br.NewRESTStorage}"
	for name, test := range map[string]struct{ marked, inserted string }{
		"after others":   {"package a\n\nvar g = []apiserver.Group{\n\t{Install: a.Install},«\n}\n", "\n\t" + element + ","},
		"first":          {"package a\n\nvar g = []apiserver.Group{«}\n", "\n\t" + element + ",\n"},
		"comment inside": {"package a\n\nvar g = []apiserver.Group{ // none«\n}\n", "\n\t" + element + ","},
		"on one line":    {"package a\n\nvar f = []srv.Group{{Install: a.Install}«}\n", ", " + element},
		"beside a key":   {"package a\n\nvar g = Groups{\n\tGroups: []apiserver.Group{«},\n}\n", "\n\t\t" + element + ",\n\t"},
		"there":          {"package a\n\nvar g = []apiserver.Group{{\n\tInstall: b. /* b */ Install,\n\tNewRESTStorage: other,\n}}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, test.marked, test.inserted, func(src []byte) ([]byte, error) { return AddGroup("a.go", src, element) })
		})
	}
}

func TestAddGroupInColumns(t *testing.T) {
	const src = "package a\n\nvar g = Groups{\n\tOpenAPI: openapi,\n\tGroups:  []apiserver.Group{},\n}\n"
	got := edited(t, src, func(src []byte) ([]byte, error) { return AddGroup("a.go", src, "{Install: b.Install}") })
	if want := "package a\n\nvar g = Groups{\n\tOpenAPI: openapi,\n\tGroups: []apiserver.Group{\n\t\t{Install: b.Install},\n\t},\n}\n"; got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestPlaceNotFound(t *testing.T) {
	src := []byte("package a\n\nfunc f() {}\n")
	for want, edit := range map[string]func() ([]byte, error){
		"AddToScheme":                  func() ([]byte, error) { return AddVersion("x/a.go", src, "examplev2") },
		"[]apiserver.Group":            func() ([]byte, error) { return AddGroup("x/a.go", src, "{Install: a.Install}") },
		"VersionedResourcesStorageMap": func() ([]byte, error) { return AddResourceStorage("x/a.go", src, bars("v1")) },
	} {
		_, err := edit()
		var notFound *NotFoundError
		if !errors.As(err, &notFound) || !strings.Contains(notFound.Wanted, want) || notFound.File != "x/a.go" || notFound.Lines == "" {
			t.Errorf("%s: got %v", want, err)
		}
	}
}
