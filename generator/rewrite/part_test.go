package rewrite

import (
	"errors"
	"strings"
	"testing"
)

const (
	mainImports = "package main\n\nimport (\n\t\"os\"\n\n\t\"github.com/kubecraft/kubecraft/runtime/controlplane\"\n\n\t\"example.com/demo/pkg/apiserver\"\n)\n\n"
	allPart     = "kubernetes.All()"
	kubernetes  = "github.com/kubecraft/kubecraft/runtime/kubernetes"
)

func TestAddPart(t *testing.T) {
	for name, marked := range map[string]string{
		"as init writes it":  mainImports + "func main() {\n\tos.Exit(controlplane.Main(\"demo\", os.Args[1:],\n\t\tapiserver.Groups(),«\n\t))\n}\n",
		"a comment stays":    mainImports + "func main() {\n\tos.Exit(controlplane.Main(\"demo\", os.Args[1:],\n\t\tapiserver.Groups(), // ours«\n\t))\n}\n",
		"on one line":        mainImports + "func main() {\n\tos.Exit(controlplane.Main(\"demo\", os.Args[1:], apiserver.Groups()«))\n}\n",
		"no parts yet":       mainImports + "func main() {\n\tos.Exit(controlplane.Main(\"demo\", os.Args[1:]«))\n}\n",
		"another name":       strings.Replace(mainImports, "\"github", "cp \"github", 1) + "func main() {\n\tos.Exit(cp.Main(\"demo\", os.Args[1:]«))\n}\n",
		"in a variable":      mainImports + "func main() {\n\tcode := controlplane.Main(\"demo\", os.Args[1:], apiserver.Groups()«)\n\tos.Exit(code)\n}\n",
		"the first of lines": mainImports + "func main() {\n\tos.Exit(controlplane.Main(\n\t\t\"demo\",\n\t\tos.Args[1:],\n\t\tapiserver.Groups(),«\n\t))\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			inserted := ", " + allPart
			if strings.Contains(marked, "(),") {
				inserted = "\n\t\t" + allPart + ","
			}
			check(t, marked, inserted, func(src []byte) ([]byte, error) { return AddPart("main.go", src, allPart) })
			for _, newline := range []string{"\n", "\r\n"} {
				src := strings.ReplaceAll(strings.ReplaceAll(marked, "«", ""), "\n", newline)
				undone(t, src)
			}
		})
	}
}

// undone adds a part and its import, and takes both out again.
func undone(t *testing.T, src string) {
	t.Helper()
	out, err := AddImport("main.go", []byte(src), "", kubernetes)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = AddPart("main.go", out, allPart); err != nil {
		t.Fatal(err)
	}
	if out, err = RemovePart("main.go", out, allPart); err != nil {
		t.Fatal(err)
	}
	if out, err = RemoveImport("main.go", out, kubernetes); err != nil {
		t.Fatal(err)
	}
	if string(out) != src {
		t.Errorf("added and removed:\n%q\nwas\n%q", out, src)
	}
}

func TestAddPartFindsNoPlace(t *testing.T) {
	for _, src := range []string{
		"package main\n\nfunc main() {}\n",
		mainImports + "func main() { controlplane.Start(nil) }\n",
		mainImports + "func main() { controlplane.Main(\"demo\", os.Args[1:], parts...) }\n",
		"package main\n\nimport \"example.com/controlplane\"\n\nfunc main() { controlplane.Main() }\n",
	} {
		_, err := AddPart("main.go", []byte(src), allPart)
		var missing *NotFoundError
		if !errors.As(err, &missing) || missing.Lines != allPart+"," {
			t.Errorf("%v in\n%s", err, src)
		}
		if out, err := RemovePart("main.go", []byte(src), allPart); err != nil || string(out) != src {
			t.Errorf("removing: %v\n%s", err, out)
		}
	}
}

func TestRemoveImport(t *testing.T) {
	for name, test := range map[string]struct{ src, want string }{
		"in a group":         {"package a\n\nimport (\n\t\"fmt\"\n\tk \"" + kubernetes + "\"\n)\n", "package a\n\nimport (\n\t\"fmt\"\n)\n"},
		"a group of its own": {"package a\n\nimport (\n\t\"fmt\"\n\n\t\"" + kubernetes + "\"\n)\n", "package a\n\nimport (\n\t\"fmt\"\n)\n"},
		"between groups":     {"package a\n\nimport (\n\t\"fmt\"\n\n\t\"" + kubernetes + "\" // k\n\n\t\"x.y/z\"\n)\n", "package a\n\nimport (\n\t\"fmt\"\n\n\t\"x.y/z\"\n)\n"},
		"alone":              {"package a\n\nimport \"fmt\"\nimport \"" + kubernetes + "\"\n\nvar x int\n", "package a\n\nimport \"fmt\"\n\nvar x int\n"},
		"still used":         {"package a\n\nimport \"" + kubernetes + "\"\n\nvar x = kubernetes.All\n", ""},
		"not there":          {"package a\n\nimport \"fmt\"\n", ""},
	} {
		if test.want == "" {
			test.want = test.src
		}
		out, err := RemoveImport("a.go", []byte(test.src), kubernetes)
		if err != nil || string(out) != test.want {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
