package scaffold

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestInitRefusesWhatIsNoModulePath(t *testing.T) {
	for _, path := range []string{"", "demo project", "/demo", "example.com/../demo"} {
		_, err := Init(InitOptions{Module: path, Kubecraft: Dependency{Replace: ".."}})
		if err == nil || !strings.Contains(err.Error(), "choose one such as") || strings.Contains(err.Error(), "\n") {
			t.Errorf("module %q: error %v", path, err)
		}
	}
}

func TestInitWantsOneWayToDependOnKubecraft(t *testing.T) {
	for _, d := range []Dependency{{}, {Version: "v1.0.0", Replace: ".."}} {
		if _, err := Init(InitOptions{Module: "example.com/demo", Kubecraft: d}); err == nil {
			t.Errorf("%+v: no error", d)
		}
	}
}

func TestInitNamesTheCommandAsGoDoes(t *testing.T) {
	for path, want := range map[string]string{"example.com/demo": "demo", "example.com/demo/v2": "demo", "demo": "demo", "gopkg.in/demo.v3": "demo"} {
		files, err := Init(InitOptions{Module: path, Kubecraft: Dependency{Replace: ".."}})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(files["main.go"]), `controlplane.Main("`+want+`",`) {
			t.Errorf("module %s: main.go does not name the command %s:\n%s", path, want, files["main.go"])
		}
	}
}

func TestInitBundlesSources(t *testing.T) {
	sources := fstest.MapFS{
		"go.mod":                            {Data: []byte("module github.com/kubecraft/kubecraft\n")},
		"LICENSE":                           {Data: []byte("free")},
		"runtime/registry/doc.go":           {Data: []byte("package registry\n")},
		"runtime/registry/table_test.go":    {Data: []byte("package registry\n")},
		"runtime/registry/testdata/big.txt": {Data: []byte("big")},
	}
	files, err := Init(InitOptions{Module: "example.com/demo", Kubecraft: Dependency{Sources: sources}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "LICENSE", "runtime/registry/doc.go"} {
		if string(files["third_party/kubecraft/"+name]) != string(sources[name].Data) {
			t.Errorf("%s is not bundled", name)
		}
	}
	for _, name := range []string{"runtime/registry/table_test.go", "runtime/registry/testdata/big.txt"} {
		if _, ok := files["third_party/kubecraft/"+name]; ok {
			t.Errorf("%s is bundled", name)
		}
	}
	if mod := string(files["go.mod"]); !strings.Contains(mod, "\nreplace github.com/kubecraft/kubecraft => ./third_party/kubecraft\n") {
		t.Errorf("go.mod does not use the bundle:\n%s", mod)
	}
}

func TestInitRequiresARelease(t *testing.T) {
	modSum, err := ModSum(fstest.MapFS{"go.mod": {Data: []byte("module github.com/kubecraft/kubecraft\n")}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := Init(InitOptions{Module: "example.com/demo", Kubecraft: Dependency{Version: "v0.3.0", Sum: "h1:zip", ModSum: modSum}})
	if err != nil {
		t.Fatal(err)
	}
	mod, sum := string(files["go.mod"]), string(files["go.sum"])
	if !strings.Contains(mod, "github.com/kubecraft/kubecraft v0.3.0\n") || strings.Contains(mod, "replace") {
		t.Errorf("go.mod does not require the release:\n%s", mod)
	}
	if !strings.Contains(sum, "\ngithub.com/kubecraft/kubecraft v0.3.0 h1:zip\ngithub.com/kubecraft/kubecraft v0.3.0/go.mod h1:") {
		t.Errorf("go.sum does not hold the release's sums")
	}
}
