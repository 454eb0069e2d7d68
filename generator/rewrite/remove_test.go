package rewrite

import (
	"bytes"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// goesBack checks that a removal undoes an addition, with either line ending, and changes nothing when there is nothing to remove.
func goesBack(t *testing.T, src string, add, remove func([]byte) ([]byte, error)) {
	t.Helper()
	for _, src := range []string{src, strings.ReplaceAll(src, "\n", "\r\n")} {
		added, err := add([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{string(added), src} {
			out, err := remove([]byte(from))
			if err != nil || string(out) != src {
				t.Errorf("removed (%v) from\n%s\nleaves\n%s\nwant\n%s", err, from, out, src)
			}
		}
	}
}

func TestRemoveKnownTypes(t *testing.T) {
	for name, test := range knownTypesCases() {
		switch name {
		case "with another name beside": // it has a Bar of its own
			continue
		case "no types yet, two lines": // gofmt would have made it one: it is, once it is formatted
			continue
		}
		t.Run(name, func(t *testing.T) {
			goesBack(t, knownTypesHeader+test.before+test.after,
				func(src []byte) ([]byte, error) { return AddKnownTypes("register.go", src, "Bar", "BarList") },
				func(src []byte) ([]byte, error) { return RemoveKnownTypes("register.go", src, "Bar", "BarList") })
		})
	}
}

// What stood before what stays goes as what stands behind does.
func TestRemoveKnownTypesFirst(t *testing.T) {
	for before, after := range map[string]string{
		"\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Bar{},\n\t\t&BarList{},\n\t\t&Foo{}, // foo\n\t)\n": "\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Foo{}, // foo\n\t)\n",
		"\ts.AddKnownTypes(SchemeGroupVersion, &Bar{}, &BarList{}, &Foo{})\n":                            "\ts.AddKnownTypes(SchemeGroupVersion, &Foo{})\n",
		"\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Bar{}, &BarList{},\n\t\t&Foo{},\n\t)\n":             "\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Foo{},\n\t)\n",
		"\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Bar{}, &Foo{},\n\t)\n":                              "\ts.AddKnownTypes(SchemeGroupVersion,\n\t\t&Foo{},\n\t)\n",
	} {
		wrap := func(body string) string { return knownTypesHeader + "func add(s *runtime.Scheme) {\n" + body + "}\n" }
		out, err := RemoveKnownTypes("register.go", []byte(wrap(before)), "Bar", "BarList")
		if err != nil || string(out) != wrap(after) {
			t.Errorf("%v: got\n%s\nwant\n%s", err, out, wrap(after))
		}
	}
}

func TestRemoveVersion(t *testing.T) {
	const head = "package install\n\nfunc Install(scheme *runtime.Scheme) {\n\tutilruntime.Must(example.AddToScheme(scheme))\n"
	for name, src := range map[string]string{
		"Must":               head + "\tutilruntime.Must(examplev1.AddToScheme(scheme)) // v1\n\tutilruntime.Must(scheme.SetVersionPriority(examplev1.SchemeGroupVersion))\n}\n",
		"errors returned":    "package install\n\nfunc Install(s *runtime.Scheme) error {\n\tif err := v1.AddToScheme(s); err != nil {\n\t\treturn err\n\t}\n\treturn s.SetVersionPriority(\n\t\tv1.GroupVersion,\n\t)\n}\n",
		"an error looked at": "package install\n\nfunc Install(s *runtime.Scheme) (err error) {\n\terr = v1.AddToScheme(s)\n\tif err != nil {\n\t\treturn fmt.Errorf(\"%s: %w\", v1.Name, err)\n\t}\n\treturn nil\n}\n",
		"errors collected":   "package install\n\nfunc Install(s *runtime.Scheme) error {\n\tvar errs []error\n\terrs = append(errs, v1.AddToScheme(s))\n\treturn errors.Join(errs...)\n}\n",
		"a builder":          "package install\n\nvar builder = runtime.SchemeBuilder{\n\tv1.AddToScheme,\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			goesBack(t, src,
				func(src []byte) ([]byte, error) { return AddVersion("install.go", src, "examplev2") },
				func(src []byte) ([]byte, error) { return RemoveVersion("install.go", src, "examplev2") })
		})
	}
	// What follows would have no variable.
	const declared = "package install\n\nfunc Install(s *runtime.Scheme) {\n\terr := v1.AddToScheme(s)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n}\n"
	if out, err := RemoveVersion("install.go", []byte(declared), "v1"); err != nil || string(out) != declared {
		t.Errorf("%v: got\n%s", err, out)
	}
}

func TestRemoveGroup(t *testing.T) {
	for name, src := range map[string]string{
		"after others":   "package a\n\nvar g = []apiserver.Group{\n\t{Install: a.Install},\n}\n",
		"first":          "package a\n\nvar g = []apiserver.Group{}\n",
		"comment inside": "package a\n\nvar g = []apiserver.Group{ // none\n}\n",
		"on one line":    "package a\n\nvar f = []srv.Group{{Install: a.Install}}\n",
		"in columns":     "package a\n\nvar g = Groups{\n\tOpenAPI: openapi,\n\tGroups:  []apiserver.Group{},\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			goesBack(t, src,
				func(src []byte) ([]byte, error) { return AddGroup("a.go", src, "{Install: b.Install, New: b.New}") },
				func(src []byte) ([]byte, error) { return RemoveGroup("a.go", src, "b.Install") })
		})
	}
}

func TestRemoveValue(t *testing.T) {
	const head = "package a\n\nimport \"x.y/cp\"\n\nvar g = cp.Groups{\n"
	for before, after := range map[string]string{
		"\tOpenAPI: o.Get,\n\tGroups: []Group{\n\t\t{},\n\t},\n": "\tGroups: []Group{\n\t\t{},\n\t},\n",
		"\tOpenAPI: o.Get,\n\tGroups:  []Group{},\n":             "\tGroups: []Group{},\n",
		"\tGroups: []Group{},\n":                                 "\tGroups: []Group{},\n",
	} {
		out, err := RemoveValue("a.go", []byte(head+before+"}\n"), "x.y/cp", "Groups", "OpenAPI")
		if err != nil || string(out) != head+after+"}\n" {
			t.Errorf("%v: got\n%s", err, out)
		}
	}
}

// storages are registries that do not have bars yet, and the version in which they are to have them.
func storages() map[string][2]string {
	return map[string][2]string{
		"a second kind":               {"v1", storeHead + storeFoos + storeMap + storeTail},
		"a second version":            {"v2", storeHead + storeFoos + storeMap + storeTail},
		"no versions yet":             {"v1", storeHead + "\n\treturn info, nil\n}\n"},
		"upstream's shape":            {"v1", storeHead + "\n\tv1storage := map[string]rest.Storage{}\n\tv1storage[\"foos\"] = foos(getter)\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = v1storage\n\treturn info, nil\n}\n"},
		"version by a constant":       {"v1", strings.ReplaceAll(storeHead+storeFoos+storeMap, `"v1"`, "first") + storeTail + "\nconst first = \"v1\"\n"},
		"a map that a function makes": {"v1", storeHead + "\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = others()\n\treturn info, nil\n}\n"},
	}
}

func TestRemoveResourceStorage(t *testing.T) {
	for name, test := range storages() {
		t.Run(name, func(t *testing.T) {
			goesBack(t, test[1],
				func(src []byte) ([]byte, error) { return AddResourceStorage("store.go", src, bars(test[0])) },
				func(src []byte) ([]byte, error) {
					return RemoveResourceStorage("store.go", src, "bar", test[0], "bars")
				})
		})
	}
}

// The first kind of a map goes as others do, and all paths of a resource go with it.
func TestRemoveResourceStorageFirst(t *testing.T) {
	src := storeHead + "\n" + storeBars + strings.TrimPrefix(storeFoos, "\n") + "\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = map[string]rest.Storage{\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/own\":    bars.Own,\n\t\t\"bars/status\": bars.Status,\n\n\t\t\"foos\": foos.Foo,\n" + storeTail
	out, err := RemoveResourceStorage("store.go", []byte(src), "bar", "v1", "bars")
	if want := storeHead + storeFoos + storeMap + storeTail; err != nil || string(out) != want {
		t.Errorf("%v: got\n%s\nwant\n%s", err, out, want)
	}
	// One that another version serves is still made.
	src = strings.Replace(src, "\treturn info, nil\n}", "\tinfo.VersionedResourcesStorageMap[\"v2\"] = map[string]rest.Storage{\"bars\": bars.Bar}\n\treturn info, nil\n}", 1)
	out, err = RemoveResourceStorage("store.go", []byte(src), "bar", "v1", "bars")
	if err != nil || !strings.Contains(string(out), "bar.NewStorage(") || strings.Contains(string(out), "bars/own") {
		t.Errorf("%v: got\n%s", err, out)
	}
}

// A storage that is kept in a field is still made while another version serves it.
func TestRemoveResourceStorageInAField(t *testing.T) {
	const entry = "\t\t\"bars\": s.bars.Bar,\n"
	head := storeHead + "\n\tvar err error\n" + strings.Replace(storeBars, "bars, err :=", "s.bars, err =", 1) + strings.Replace(storeMap, "foos.Foo", "s.foos", 1) + entry
	const second = "\t}\n\tinfo.VersionedResourcesStorageMap[\"v2\"] = map[string]rest.Storage{\n\t\t\"foos\": s.foos,\n"
	src := head + second + entry + storeTail
	out, err := RemoveResourceStorage("store.go", []byte(src), "bar", "v2", "bars")
	if want := head + second + storeTail; err != nil || string(out) != want {
		t.Errorf("%v: got\n%s\nwant\n%s", err, out, want)
	}
}

func TestSetStorageVersion(t *testing.T) {
	const src = "package bar\n\nimport (\n\t\"k8s.io/a\"\n\n\texamplev1 \"x.y/example/v1\"\n)\n\nfunc f() {\n\tgetter = registry.StorageVersion(getter, scheme, examplev1.SchemeGroupVersion)\n}\n"
	out, err := SetStorageVersion("store.go", []byte(src), "x.y/example/v1", "x.y/example/v2", "examplev2")
	if err != nil || string(out) != strings.ReplaceAll(strings.ReplaceAll(src, "examplev1", "examplev2"), "/v1", "/v2") {
		t.Errorf("%v: got\n%s", err, out)
	}
	back, err := SetStorageVersion("store.go", out, "x.y/example/v2", "x.y/example/v1", "examplev1")
	if err != nil || string(back) != src {
		t.Errorf("%v: got\n%s", err, back)
	}
	if same, err := SetStorageVersion("store.go", []byte(src), "x.y/example/v3", "x.y/example/v2", "examplev2"); err != nil || string(same) != src {
		t.Errorf("%v: got\n%s", err, same)
	}
}

// Whatever a removal is given, what it leaves parses; and it takes out what the addition has put into a formatted file.
func FuzzRemovals(f *testing.F) {
	for _, test := range storages() {
		f.Add([]byte(test[1]))
	}
	for _, test := range knownTypesCases() {
		f.Add([]byte(knownTypesHeader + test.before + test.after))
	}
	f.Add([]byte("package install\n\nfunc Install(s *runtime.Scheme) error {\n\tif err := v1.AddToScheme(s); err != nil {\n\t\treturn err\n\t}\n\treturn s.SetVersionPriority(\n\t\tv1.GroupVersion,\n\t)\n}\n"))
	f.Add([]byte("package a; import \"b\"; func f() { v1.AddToScheme(s); g = []Group{{}, {},} }"))
	storage := Storage{Var: "kubecrafts", Constructor: "kubecraft.NewStorage", Version: "v1", Entries: []Entry{{"kubecrafts", "kubecrafts.Kubecraft"}}}
	pairs := map[string]struct{ add, remove func([]byte) ([]byte, error) }{
		"known types": {
			func(src []byte) ([]byte, error) { return AddKnownTypes("f.go", src, "Kubecraft", "KubecraftList") },
			func(src []byte) ([]byte, error) { return RemoveKnownTypes("f.go", src, "Kubecraft", "KubecraftList") },
		},
		"version": {
			func(src []byte) ([]byte, error) { return AddVersion("f.go", src, "kubecraft") },
			func(src []byte) ([]byte, error) { return RemoveVersion("f.go", src, "kubecraft") },
		},
		"group": {
			func(src []byte) ([]byte, error) { return AddGroup("f.go", src, "{Install: kubecraft.Install}") },
			func(src []byte) ([]byte, error) { return RemoveGroup("f.go", src, "kubecraft.Install") },
		},
		"storage": {
			func(src []byte) ([]byte, error) { return AddResourceStorage("f.go", src, storage) },
			func(src []byte) ([]byte, error) {
				return RemoveResourceStorage("f.go", src, "kubecraft", "v1", "kubecrafts")
			},
		},
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if bytes.Contains(bytes.ToLower(src), []byte("kubecraft")) {
			return
		}
		for name, pair := range pairs {
			added, err := pair.add(src)
			if err != nil {
				continue
			}
			out, err := pair.remove(added)
			if err != nil {
				t.Errorf("%s: %v: from %q", name, err, added)
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "f.go", out, parser.ParseComments); err != nil {
				t.Errorf("%s: %v: %q became %q", name, err, added, out)
			}
			if bytes.Contains(out, []byte("ubecraft")) {
				t.Errorf("%s: left in %q, from %q", name, out, added)
			}
		}
	})
}
