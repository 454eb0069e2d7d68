package rewrite

import (
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
		"version by constant": {
			"v1",
			storeHead + storeFoos + strings.ReplaceAll(storeMap, `"v1"`, "examplev1.SchemeGroupVersion.Version") + storeTail,
			storeHead + storeFoos + storeBars + strings.ReplaceAll(storeMap, `"v1"`, "examplev1.SchemeGroupVersion.Version") + "\n\t\t\"bars\":        bars.Bar,\n\t\t\"bars/status\": bars.Status,\n" + storeTail,
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

func TestAddResourceStorageImportsRest(t *testing.T) {
	src := strings.Replace(storeHead, "\t\"k8s.io/apiserver/pkg/registry/rest\"\n", "\t\"k8s.io/apimachinery/pkg/runtime\"\n", 1) + "\treturn info, nil\n}\n"
	out, err := AddResourceStorage("store.go", []byte(src), bars("v1"))
	if err != nil || !strings.Contains(string(out), "\t\"k8s.io/apiserver/pkg/registry/rest\"\n") {
		t.Errorf("got %v\n%s", err, out)
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
			again, err := edit(out)
			if err != nil || string(again) != string(out) {
				t.Errorf("%s: again (%v) %q became %q", name, err, out, again)
			}
		}
	})
}
