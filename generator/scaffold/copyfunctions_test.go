package scaffold

import (
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/project"
)

const conversionByHand = `package v1alpha1

import (
	"strings"

	"k8s.io/apimachinery/pkg/conversion"

	"example.com/demo/pkg/apis/example"
)

// Convert_v1alpha1_BarSpec_To_example_BarSpec splits what clients write in one.
func Convert_v1alpha1_BarSpec_To_example_BarSpec(in *BarSpec, out *example.BarSpec, s conversion.Scope) error {
	if err := autoConvert_v1alpha1_BarSpec_To_example_BarSpec(in, out, s); err != nil {
		return err
	}
	out.First, out.Last, _ = strings.Cut(in.Name, separator)
	return nil
}

// Convert_example_BarSpec_To_v1alpha1_BarSpec joins them.
func Convert_example_BarSpec_To_v1alpha1_BarSpec(in *example.BarSpec, out *BarSpec, s conversion.Scope) error {
	out.Name = join(in)
	return autoConvert_example_BarSpec_To_v1alpha1_BarSpec(in, out, s)
}

const separator = " "

func join(in *example.BarSpec) string { return in.First + separator + in.Last }
`

// converting returns a project with a kind whose internal type differs from the external one.
func converting(t *testing.T) *testProject {
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1alpha1", "Bar")
	p.edit("pkg/apis/example/v1alpha1/bar.go", "\t// description says", "\t// name is two.\n\t// +optional\n\tName string `json:\"name,omitempty\"`\n\t// description says")
	p.edit("pkg/apis/example/bar.go", "\tDescription string", "\tFirst, Last string\n\tDescription string")
	p.write(map[string][]byte{"pkg/apis/example/v1alpha1/conversion.go": []byte(conversionByHand)})
	defaults := p.read("pkg/apis/example/v1alpha1/defaults.go")
	p.write(map[string][]byte{"pkg/apis/example/v1alpha1/defaults.go": append(defaults, "\nfunc SetDefaults_BarSpec(spec *BarSpec) {\n\tif spec.Name == \"\" {\n\t\tspec.Name = \"no\" + separator + \"name\"\n\t}\n}\n"...)})
	p.generate()
	return p
}

// A further version converts and defaults as the one that it is copied from does, without a line by hand.
func TestAddTypeCopiesFunctionsWrittenByHand(t *testing.T) {
	p := converting(t)
	result := p.add("example/v1", "Bar")
	if len(result.ByHand) > 0 {
		t.Errorf("left to the user: %q", result.ByHand)
	}
	notes := strings.Join(result.Notes, "\n")
	for _, want := range []string{"Convert_v1_BarSpec_To_example_BarSpec is copied", "Convert_example_BarSpec_To_v1_BarSpec is copied", "SetDefaults_BarSpec is copied"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note that %s: %s", want, notes)
		}
	}
	conversion := string(p.read("pkg/apis/example/v1/conversion.go"))
	if strings.Contains(conversion, "v1alpha1") || strings.Count(conversion, "func join(") != 1 || strings.Count(conversion, "const separator") != 1 {
		t.Errorf("the copy:\n%s", conversion)
	}
	p.generate()
	if unformatted := p.run("gofmt", "-l", "pkg/apis"); unformatted != "" {
		t.Errorf("not formatted: %s", unformatted)
	}
	p.run("go", "vet", "./pkg/apis/...")
}

// What cannot be copied as it is is named, and where its like belongs.
func TestAddTypeSaysWhatIsLeftToWrite(t *testing.T) {
	p := converting(t)
	p.add("example/v1", "Foo")
	p.write(map[string][]byte{"pkg/apis/example/v1/conversion.go": []byte("package v1\n\nimport conversion \"strings\"\n\nvar _ = conversion.Cut\n")})
	p.generate()
	loaded, err := project.Load(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	result, err := AddType(loaded, p.resource("example/v1", "Bar"))
	if err != nil {
		t.Fatal(err)
	}
	if byHand := strings.Join(result.ByHand, "\n"); !strings.Contains(byHand, "Convert_v1_BarSpec_To_example_BarSpec, in pkg/apis/example/v1/conversion.go") {
		t.Errorf("left to the user: %q", byHand)
	}
	if _, ok := result.Files["pkg/apis/example/v1/conversion.go"]; ok {
		t.Error("conversion.go was changed all the same")
	}
	p.write(result.Files)
	if _, err := codegen.Run(t.Context(), codegen.Options{Dir: p.dir}); err == nil {
		t.Error("the generators do not miss what is to be written by hand: the lines were not needed")
	}
}
