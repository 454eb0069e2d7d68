package rewrite

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func bars(version string) Storage {
	return Storage{Var: "bars", Constructor: "bar.NewStorage", Version: version, Entries: []Entry{
		{"bars", "bars.Bar"}, {"bars/status", "bars.Status"},
	}}
}

const storeHead = `package example

import (
	"k8s.io/apiserver/pkg/registry/rest"

	stable "example.com/demo/pkg/apis/example/v1"
	v1 "example.com/demo/pkg/apis/example/v2"
)

func NewRESTStorage(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	info := genericapiserver.NewDefaultAPIGroupInfo(example.GroupName, scheme, metav1.ParameterCodec, serializer.NewCodecFactory(scheme))
`

const storeFoos = `
	foos, err := foo.NewStorage(scheme, getter)
	if err != nil {
		return info, err
	}
`

const storeBars = `	bars, err := bar.NewStorage(scheme, getter)
	if err != nil {
		return info, err
	}
`

const storeMap = `
	info.VersionedResourcesStorageMap["v1"] = map[string]rest.Storage{
		"foos": foos.Foo,
`

const storeTail = `	}
	return info, nil
}
`

func TestAddResourceStorage(t *testing.T) {
	for name, test := range map[string]struct{ version, src, want string }{
		"a second kind": {
			"v1",
			storeHead + storeFoos + storeMap + storeTail,
			storeHead + storeFoos + storeBars + storeMap + "\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n" + storeTail,
		},
		"a second version of another kind": {
			"v2",
			storeHead + storeFoos + storeMap + storeTail,
			storeHead + storeFoos + storeBars + storeMap + "\t}\n\tinfo.VersionedResourcesStorageMap[\"v2\"] = map[string]rest.Storage{\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n" + storeTail,
		},
		"a second version of the kind": {
			"v2",
			storeHead + "\n" + strings.ReplaceAll(storeBars, "bars,", "store,") + strings.ReplaceAll(storeMap, "foos.Foo", "store.Bar") + storeTail,
			storeHead + "\n" + strings.ReplaceAll(storeBars, "bars,", "store,") + strings.ReplaceAll(storeMap, "foos.Foo", "store.Bar") + "\t}\n\tinfo.VersionedResourcesStorageMap[\"v2\"] = map[string]rest.Storage{\n\t\t\"bars\":        store.Bar,\n\t\t\"bars/status\": store.Status,\n" + storeTail,
		},
		"a subresource missing": {
			"v1",
			storeHead + "\n" + storeBars + "\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = map[string]rest.Storage{\n\t\t\"bars\": bars.Bar,\n" + storeTail,
			storeHead + "\n" + storeBars + "\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = map[string]rest.Storage{\n\t\t\"bars\": bars.Bar,\n\n\t\t\"bars/status\": bars.Status,\n" + storeTail,
		},
		"no versions yet": {
			"v1",
			storeHead + "\treturn info, nil\n}\n",
			storeHead + "\n" + storeBars + "\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = map[string]rest.Storage{\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n\t}\n\treturn info, nil\n}\n",
		},
		"upstream's shape": {
			"v1",
			storeHead + "\n\tv1storage := map[string]rest.Storage{}\n\tv1storage[\"foos\"] = foos(getter)\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = v1storage\n\treturn info, nil\n}\n",
			storeHead + "\n" + storeBars + "\n\tv1storage := map[string]rest.Storage{}\n\tv1storage[\"foos\"] = foos(getter)\n\tv1storage[\"bars\"] = bars.Bar\n\tv1storage[\"bars/status\"] = bars.Status\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = v1storage\n\treturn info, nil\n}\n",
		},
		"version by another's name": {
			"v2",
			storeHead + storeFoos + strings.ReplaceAll(storeMap, `"v1"`, "v1.SchemeGroupVersion.Version") + storeTail,
			storeHead + storeFoos + storeBars + strings.ReplaceAll(storeMap, `"v1"`, "v1.SchemeGroupVersion.Version") + "\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n" + storeTail,
		},
		"version by a constant of the file": {
			"v1",
			strings.ReplaceAll(storeHead+storeFoos+storeMap, `"v1"`, "first") + storeTail + "\nconst first = \"v1\"\n",
			strings.ReplaceAll(storeHead+storeFoos+storeBars+storeMap, `"v1"`, "first") + "\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n" + storeTail + "\nconst first = \"v1\"\n",
		},
		"a map that a function makes": {
			"v1",
			storeHead + "\n" + storeBars + "\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = others()\n\treturn info, nil\n}\n",
			storeHead + "\n" + storeBars + "\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = others()\n\tinfo.VersionedResourcesStorageMap[\"v1\"][\"bars\"] = bars.Bar\n\tinfo.VersionedResourcesStorageMap[\"v1\"][\"bars/status\"] = bars.Status\n\treturn info, nil\n}\n",
		},
		"a named map that a condition chooses": {
			"v1",
			storeHead + "\n" + storeBars + "\n\tm := map[string]rest.Storage{}\n\tif old {\n\t\tm = others()\n\t}\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = m\n\treturn info, nil\n}\n",
			storeHead + "\n" + storeBars + "\n\tm := map[string]rest.Storage{}\n\tif old {\n\t\tm = others()\n\t}\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = m\n\tm[\"bars\"] = bars.Bar\n\tm[\"bars/status\"] = bars.Status\n\treturn info, nil\n}\n",
		},
		"another version under a condition": {
			"v1",
			storeHead + "\n" + storeBars + "\n\tif beta {\n\t\tinfo.VersionedResourcesStorageMap[\"v1beta1\"] = nil\n\t}\n\treturn info, nil\n}\n",
			storeHead + "\n" + storeBars + "\n\tif beta {\n\t\tinfo.VersionedResourcesStorageMap[\"v1beta1\"] = nil\n\t}\n\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = map[string]rest.Storage{\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n\t}\n\treturn info, nil\n}\n",
		},
		"an entry under a condition": {
			"v1",
			storeHead + "\n" + storeBars + storeMap + "\t}\n\tif bar {\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"][\"bars\"] = bars.Bar\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"][\"bars/status\"] = bars.Status\n\t}\n\treturn info, nil\n}\n",
			storeHead + "\n" + storeBars + storeMap + "\t}\n\tif bar {\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"][\"bars\"] = bars.Bar\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"][\"bars/status\"] = bars.Status\n\t}\n\treturn info, nil\n}\n",
		},
		"version by constant": {
			"v1",
			storeHead + storeFoos + strings.ReplaceAll(storeMap, `"v1"`, "stable.SchemeGroupVersion.Version") + storeTail,
			storeHead + storeFoos + storeBars + strings.ReplaceAll(storeMap, `"v1"`, "stable.SchemeGroupVersion.Version") + "\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n" + storeTail,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := edited(t, test.src, func(src []byte) ([]byte, error) {
				return AddResourceStorage("store.go", src, bars(test.version))
			})
			if name == "upstream's shape" {
				// The blank line above the first statement that follows is the constructor's.
				test.want = strings.Replace(test.want, "\n\n\n", "\n\n", 1)
			}
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A version whose map is set in a way that is not understood must not be given another, which would replace it.
func TestAddResourceStorageNeverReplacesAMap(t *testing.T) {
	for name, code := range map[string]string{
		"a condition":             "\tif old {\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"] = a\n\t} else {\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"] = b\n\t}\n",
		"several results":         "\tvar err error\n\tinfo.VersionedResourcesStorageMap[\"v1\"], err = others()\n",
		"the whole map":           "\tinfo.VersionedResourcesStorageMap = map[string]map[string]rest.Storage{\"v1\": others()}\n",
		"a literal":               "\tinfo = genericapiserver.APIGroupInfo{VersionedResourcesStorageMap: others()}\n",
		"a loop":                  "\tfor _, version := range versions {\n\t\tinfo.VersionedResourcesStorageMap[version] = others()\n\t}\n",
		"another file's constant": "\tinfo.VersionedResourcesStorageMap[first] = others()\n",
		"another name":            "\tmaps := info.VersionedResourcesStorageMap\n\tmaps[\"v1\"] = others()\n",
		"a callee":                "\tothers(&info)\n",
		"twice":                   "\tinfo.VersionedResourcesStorageMap[\"v1\"] = a\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = b\n",
		"an entry only":           "\tinfo.VersionedResourcesStorageMap[\"v1\"][\"foos\"] = a\n",
	} {
		t.Run(name, func(t *testing.T) {
			out, err := AddResourceStorage("store.go", []byte(storeHead+code+"\treturn info, nil\n}\n"), bars("v1"))
			var notFound *NotFoundError
			if !errors.As(err, &notFound) || !strings.Contains(notFound.Lines, `info.VersionedResourcesStorageMap["v1"]["bars"] = bars.Bar`) {
				t.Errorf("got %v\n%s", err, out)
			}
		})
	}
}

func TestAddResourceStorageImportsRest(t *testing.T) {
	src := strings.Replace(storeHead, "\t\"k8s.io/apiserver/pkg/registry/rest\"\n", "\t\"k8s.io/apimachinery/pkg/runtime\"\n", 1) + "\treturn info, nil\n}\n"
	out, err := AddResourceStorage("store.go", []byte(src), bars("v1"))
	if err != nil || !strings.Contains(string(out), "\t\"k8s.io/apiserver/pkg/registry/rest\"\n") {
		t.Errorf("got %v\n%s", err, out)
	}
}

// The way of upstream's registries: what is served under a condition has no place for a subresource.
func TestAddSubresourceUnderACondition(t *testing.T) {
	src := storeHead + "\n\tstorage := map[string]rest.Storage{}\n" + storeBars +
		"\tif enabled(\"bars\") {\n\t\tstorage[\"bars\"] = bars.Bar\n\t}\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = storage\n\treturn info, nil\n}\n"
	scale := Subresource{Constructor: "bar.NewStorage", Resource: "bars", Name: "scale", Storage: func(storage, _ string) string { return storage + ".Scale" }}
	missing := new(NotFoundError)
	if _, err := AddSubresource("store.go", []byte(src), scale); !errors.As(err, &missing) || !strings.Contains(err.Error(), "\"bars/scale\": storage.Scale") {
		t.Errorf("got %v", err)
	}
	there := strings.Replace(src, "\t\tstorage[\"bars\"] = bars.Bar\n", "\t\tstorage[\"bars\"] = bars.Bar\n\t\tstorage[\"bars/scale\"] = bars.Scale\n", 1)
	if out, err := AddSubresource("store.go", []byte(there), scale); err != nil || string(out) != there {
		t.Errorf("there already: %v\n%s", err, out)
	}
}

func TestServedPaths(t *testing.T) {
	src := storeHead + storeFoos + storeMap + "\t}\n\tinfo.VersionedResourcesStorageMap[\"v1\"][\"foos/status\"] = foos.Status\n\treturn info, nil\n}\n"
	got, err := ServedPaths("store.go", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got["v1"])
	if want := map[string][]string{"v1": {"foos", "foos/status"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

// What all other edits have in common, whatever they are given: the result parses, and applying them again changes
// nothing.
func FuzzEdits(f *testing.F) {
	f.Add([]byte(storeHead + storeFoos + storeMap + storeTail))
	f.Add([]byte(storeHead + "\treturn info, nil\n}\n"))
	f.Add([]byte(storeHead + "\n\tv1storage := map[string]rest.Storage{}\n\tinfo.VersionedResourcesStorageMap[\"v1\"] = v1storage\n\treturn info, nil\n}\n"))
	f.Add([]byte("package install\n\nimport \"fmt\"\n\nfunc Install(s *runtime.Scheme) error {\n\tif err := v1.AddToScheme(s); err != nil {\n\t\treturn err\n\t}\n\treturn s.SetVersionPriority(\n\t\tv1.GroupVersion,\n\t)\n}\n"))
	f.Add([]byte("package a\n\nimport (\n\t// c\n\t\"b\"; \"c\" // d\n\n\tx \"y\" /* \n */)\n\nvar g = Groups{\n\tOpenAPI: openapi,\n\tGroups:  []apiserver.Group{ /* none */ },\n}\n"))
	f.Add([]byte("package a; import \"b\"; func f() { v1.AddToScheme(s); g = []Group{{}, {},} }"))
	f.Add([]byte(storeHead + "\tif a {\n\t\tinfo.VersionedResourcesStorageMap[\"v1\"] = b\n\t}\n\treturn info, nil\n}\n"))
	f.Add([]byte(storeHead + "\tinfo.VersionedResourcesStorageMap[\"v1\"], err = b()\n\treturn info, nil\n}\n"))
	f.Add([]byte(storeHead + "\tinfo.VersionedResourcesStorageMap[first] = b()\n\treturn info, nil\n}\n\nconst first = \"v1\"\n"))
	f.Add([]byte(storeHead + "\tm := info.VersionedResourcesStorageMap\n\tm[\"v1\"] = b()\n\treturn info, nil\n}\n"))
	edits := map[string]func([]byte) ([]byte, error){
		"AddImport":  func(src []byte) ([]byte, error) { return AddImport("f.go", src, "kubecraft", "kube.craft/x") },
		"AddVersion": func(src []byte) ([]byte, error) { return AddVersion("f.go", src, "kubecraftv1") },
		"AddGroup":   func(src []byte) ([]byte, error) { return AddGroup("f.go", src, "{Install: kubecraft.Install}") },
		"AddResourceStorage": func(src []byte) ([]byte, error) {
			return AddResourceStorage("f.go", src, Storage{Var: "kubecrafts", Constructor: "kubecraft.NewStorage", Version: "v1", Entries: []Entry{{"kubecrafts", "kubecrafts.Kubecraft"}}})
		},
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for name, edit := range edits {
			out, err := edit(src)
			if err != nil {
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "f.go", out, parser.ParseComments); err != nil {
				t.Errorf("%s: %v: %q became %q", name, err, src, out)
			}
			if before, after := mapsSet(t, src), mapsSet(t, out); after > before && after > 1 {
				t.Errorf("%s: v1 has %d storage maps, had %d: %q became %q", name, after, before, src, out)
			}
			again, err := edit(out)
			if err != nil || string(again) != string(out) {
				t.Errorf("%s: again (%v) %q became %q", name, err, out, again)
			}
		}
	})
}

// mapsSet counts the assignments that may set the storage map of v1, wherever they stand.
func mapsSet(t *testing.T, src []byte) int {
	f, err := parse("f.go", src)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for node := range ast.Preorder(f.ast) {
		assign, ok := node.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for _, left := range assign.Lhs {
			index, ok := left.(*ast.IndexExpr)
			if !ok {
				continue
			}
			key := f.version(index.Index)
			if (key == "v1" || key == "") && strings.HasSuffix(f.text(index.X), "."+storageMap) {
				n++
			}
		}
	}
	return n
}
