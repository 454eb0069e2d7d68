package rewrite

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// insertionCase is a file, less its head, in two parts and what goes between them.
type insertionCase struct{ before, inserted, after string }

// knownTypesCases are the shapes that people give registrations. The test and the fuzz test share them.
func knownTypesCases() map[string]insertionCase {
	return map[string]insertionCase{
		"one per line": {
			"func add(scheme *runtime.Scheme) error {\n\tscheme.AddKnownTypes(SchemeGroupVersion,\n\t\t&Foo{},\n\t\t&FooList{},",
			"\n\t\t&Bar{},\n\t\t&BarList{},",
			"\n\t)\n\treturn nil\n}\n",
		},
		"new": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion,\n\t\tnew(Foo),\n\t\tnew(FooList),",
			"\n\t\tnew(Bar),\n\t\tnew(BarList),",
			"\n\t)\n}\n",
		},
		"nil pointers": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, (*Foo)(nil), (*FooList)(nil)",
			", (*Bar)(nil), (*BarList)(nil)",
			")\n}\n",
		},
		"one line": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, &Foo{}, &FooList{}",
			", &Bar{}, &BarList{}",
			") // all of them\n}\n",
		},
		"pairs": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Foo{}, &FooList{},\n\t\t&Baz{}, &BazList{},",
			"\n\t\t&Bar{}, &BarList{},",
			"\n\t)\n}\n",
		},
		"parenthesis on the last line": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Foo{},\n\t\t&FooList{}",
			",\n\t\t&Bar{},\n\t\t&BarList{}",
			")\n}\n",
		},
		"no types yet": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion",
			", &Bar{}, &BarList{}",
			")\n}\n",
		},
		"no types yet, two lines": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion,",
			"\n\t\t&Bar{},\n\t\t&BarList{},",
			"\n\t)\n}\n",
		},
		"comments in the list": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, // here\n\t\t// &Bar{},\n\t\t&Foo{}, // a ) in\n\t\t&FooList{}, /* an\n\t\todd */ // one",
			"\n\t\t&Bar{},\n\t\t&BarList{},",
			"\n\t\t// the end\n\t)\n}\n",
		},
		"several calls": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, &Foo{})\n\ts.AddKnownTypes(SchemeGroupVersion, &FooList{}",
			", &Bar{}, &BarList{}",
			")\n\ts.AddKnownTypes(SchemeGroupVersion, &metav1.Status{})\n\ts.AddKnownTypes(other.SchemeGroupVersion, &Foo{})\n}\n",
		},
		"a call under a condition": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, &Foo{}",
			", &Bar{}, &BarList{}",
			")\n\tif alpha {\n\t\ts.AddKnownTypes(SchemeGroupVersion, &Baz{})\n\t}\n}\n",
		},
		"another version first": {
			"var Internal = schema.GroupVersion{Group: GroupName, Version: runtime.APIVersionInternal}\n\nfunc add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, &Foo{}",
			", &Bar{}, &BarList{}",
			")\n\ts.AddKnownTypes(Internal, &Foo{})\n}\n",
		},
		"a variable": {
			"var objects = []runtime.Object{\n\t&Foo{},",
			"\n\t&Bar{},\n\t&BarList{},",
			"\n}\n\nfunc add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, objects...)\n}\n",
		},
		"a literal spread": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, []runtime.Object{&Foo{}",
			", &Bar{}, &BarList{}",
			"}...)\n}\n",
		},
		"a helper": {
			"func register(s *runtime.Scheme, objs ...runtime.Object) {\n\ts.AddKnownTypes(SchemeGroupVersion, objs...)\n}\n\nfunc add(s *runtime.Scheme) {\n\tregister(s, &Foo{}",
			", &Bar{}, &BarList{}",
			")\n}\n",
		},
		"a group version from a parameter": {
			"func register(s *runtime.Scheme, gv schema.GroupVersion) {\n\ts.AddKnownTypes(gv, &Foo{}",
			", &Bar{}, &BarList{}",
			")\n}\n",
		},
		"with name": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypeWithName(SchemeGroupVersion.WithKind(\"Foo\"), &Foo{})",
			"\n\ts.AddKnownTypeWithName(SchemeGroupVersion.WithKind(\"Bar\"), &Bar{})\n\ts.AddKnownTypeWithName(SchemeGroupVersion.WithKind(\"BarList\"), &BarList{})",
			" // Foo\n}\n",
		},
		"with another name beside": {
			"func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, new(Foo)",
			", new(Bar), new(BarList)",
			")\n\ts.AddKnownTypeWithName(SchemeGroupVersion.WithKind(\"Old\"), &Bar{})\n}\n",
		},
		"one line function": {
			"func add(s *runtime.Scheme) { s.AddKnownTypes(SchemeGroupVersion, &Foo{}",
			", &Bar{}, &BarList{}",
			"); return }\n",
		},
		"unformatted": {
			"func   add(s *runtime.Scheme)   {\ns.AddKnownTypes( SchemeGroupVersion ,\n      &Foo{} ,   ",
			"\n      &Bar{},\n      &BarList{},",
			"\n   ) }\n",
		},
		"trailing comma on one line": {
			"func add(s *runtime.Scheme) { s.AddKnownTypes(SchemeGroupVersion, &Foo{}",
			", &Bar{}, &BarList{}",
			",) }",
		},
	}
}

const knownTypesHeader = "//go:build !ignored\n\npackage v1\n\nvar SchemeGroupVersion = schema.GroupVersion{Group: GroupName, Version: \"v1\"}\n\n"

func TestAddKnownTypes(t *testing.T) {
	for name, test := range knownTypesCases() {
		t.Run(name, func(t *testing.T) {
			src := knownTypesHeader + test.before + test.after
			want := knownTypesHeader + test.before + test.inserted + test.after
			if name == "with name" {
				// The comment belongs to the line above.
				want = strings.Replace(knownTypesHeader+test.before+test.after, " // Foo", " // Foo"+test.inserted, 1)
			}
			for variant, change := range map[string]func(string) string{
				"LF":         func(s string) string { return s },
				"CRLF":       func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
				"BOM":        func(s string) string { return "\xef\xbb\xbf" + s },
				"no newline": func(s string) string { return strings.TrimRight(s, "\n") },
			} {
				src, want := []byte(change(src)), change(want)
				out, err := AddKnownTypes("register.go", src, "Bar", "BarList")
				if err != nil {
					t.Fatalf("%s: %v", variant, err)
				}
				if string(out) != want {
					t.Errorf("%s: got\n%s\nwant\n%s", variant, out, want)
				}
				checkAdded(t, src, out, "Bar", "BarList")
				if formatted(src) && !formatted(out) {
					t.Errorf("%s: no longer formatted:\n%s", variant, out)
				}
			}
		})
	}
}

func TestAddKnownTypesAddsWhatIsMissing(t *testing.T) {
	src := []byte(knownTypesHeader + "func add(s *runtime.Scheme) {\n\ts.AddKnownTypes(SchemeGroupVersion, &Bar{})\n}\n")
	out, err := AddKnownTypes("register.go", src, "Bar", "BarList", "BarList")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := insertion(src, out); string(got) != ", &BarList{}" {
		t.Errorf("inserted %q", got)
	}
}

func TestAddKnownTypesNotFound(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":         "var x = 1\n",
		"another package": "func add(s *runtime.Scheme) { s.AddKnownTypes(other.SchemeGroupVersion, &Foo{}) }\n",
		"a function's":    "func add(s *runtime.Scheme) { s.AddKnownTypes(SchemeGroupVersion, objects()...) }\n",
		"in a comment":    "// scheme.AddKnownTypes(SchemeGroupVersion, &Foo{})\n",
	} {
		_, err := AddKnownTypes("pkg/register.go", []byte(knownTypesHeader+body), "Bar", "BarList")
		var notFound *NotFoundError
		if !errors.As(err, &notFound) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, want := range []string{"pkg/register.go", "AddKnownTypes", "scheme.AddKnownTypes(SchemeGroupVersion, &Bar{}, &BarList{})"} {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %q: want %q in one line", name, err, want)
			}
		}
	}
}

func TestSyntaxErrorHasPosition(t *testing.T) {
	_, err := AddKnownTypes("pkg/register.go", []byte("package v1\n\nfunc {\n"), "Bar")
	if err == nil || !strings.HasPrefix(err.Error(), "pkg/register.go:3:6: ") {
		t.Errorf("got %v", err)
	}
}

func FuzzAddKnownTypes(f *testing.F) {
	for _, test := range knownTypesCases() {
		src := knownTypesHeader + test.before + test.after
		f.Add([]byte(src))
		f.Add([]byte(strings.ReplaceAll(src, "\n", "\r\n")))
	}
	f.Add([]byte("package v1;func a(){s.AddKnownTypes(G,new(A),/*\n*/);s.AddKnownTypeWithName(G.WithKind(`A`),&A{});}//"))
	f.Add([]byte("package v1;func a(){if s.AddKnownTypes(G); x {};switch {case y:s.AddKnownTypes(G,o...)}};var o=[]O{}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := AddKnownTypes("register.go", src, "Kubecraft", "KubecraftList")
		if err != nil || bytes.Contains(src, []byte("Kubecraft")) {
			return
		}
		checkAdded(t, src, out, "Kubecraft", "KubecraftList")
	})
}
