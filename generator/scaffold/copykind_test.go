package scaffold

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/project"
)

// parse returns the package that a txtar-like map of files is.
func parse(t *testing.T, dir string, files map[string]string) *goPackage {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d := newDraft(&project.Project{Dir: root})
	p, err := d.parsePackage(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const barV1 = `//go:build !nothing

// Some license.

package v1 // of Bars

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// +genclient

// Bar is one.
type Bar struct {
	metav1.TypeMeta   ` + "`json:\"\"`" + `
	metav1.ObjectMeta ` + "`json:\"metadata,omitempty\"`" + `
	Mode Mode   // not formatted
}

// Mode of a Bar.
type Mode string

// BarList is many.
type BarList struct { Items []Bar }
`

func TestCopyKindKeepsAFileOfItsOwn(t *testing.T) {
	from := parse(t, "v1", map[string]string{"bar.go": barV1, "doc.go": "package v1\n", "zz_generated.x.go": "not Go"})
	got, err := copyKind(from, parse(t, "v2", nil), "Bar", "v2")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(barV1, "package v1", "package v2", 1); string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCopyKindTakesWhatItNeedsFromAFileOfMany(t *testing.T) {
	from := parse(t, "v1", map[string]string{
		"types.go": `package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Foo is another.
type Foo struct {
	metav1.TypeMeta
	Pod  corev1.PodSpec
	Bars []Bar
}

type FooList struct{ Items []Foo }

// +genclient
// +genclient:nonNamespaced

// Bar is one.
type Bar struct {
	metav1.TypeMeta
	Mode  Mode
	Other Reference
}

// String is a method.
func (b Bar) String() string { return "" }

type BarList struct{ Items []Bar }
`,
		"modes.go": `package v1

import "k8s.io/apimachinery/pkg/util/intstr"

// Mode of a Bar.
type Mode string

const (
	// Fast is a mode.
	Fast Mode = "Fast"
	Slow      = Mode("Slow")
)

const unrelated = 1

// Reference is in v2 already.
type Reference struct{ Port intstr.IntOrString }
`,
		"defaults.go": `package v1

func SetDefaults_Bar(b *Bar)       {}
func SetDefaults_Foo(f *Foo)       {}
func Convert_v1_Bar_To_example_Bar() {}
`,
	})
	to := parse(t, "v2", map[string]string{"reference.go": "package v2\n\ntype Reference struct{}\n"})
	got, err := copyKind(from, to, "Bar", "v2")
	if err != nil {
		t.Fatal(err)
	}
	want := `package v2

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +genclient
// +genclient:nonNamespaced

// Bar is one.
type Bar struct {
	metav1.TypeMeta
	Mode  Mode
	Other Reference
}

type BarList struct{ Items []Bar }

// Mode of a Bar.
type Mode string

const (
	// Fast is a mode.
	Fast Mode = "Fast"
	Slow      = Mode("Slow")
)
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	var names []string
	for _, d := range from.byHand("Bar") {
		names = append(names, d.names...)
	}
	if want := []string{"SetDefaults_Bar", "Convert_v1_Bar_To_example_Bar"}; !slices.Equal(names, want) {
		t.Errorf("functions written by hand for Bar: got %q, want %q", names, want)
	}
}

func TestCopyKindWithoutTheKind(t *testing.T) {
	_, err := copyKind(parse(t, "v1", map[string]string{"doc.go": "package v1\n"}), parse(t, "v2", nil), "Bar", "v2")
	if err == nil || !strings.Contains(err.Error(), "no type Bar") {
		t.Errorf("error %v", err)
	}
}

func TestParsePackageSaysWhereItIsNotGo(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "bad.go"), []byte("package v1\n\ntype {\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := (&addition{draft: newDraft(&project.Project{Dir: root})}).parsePackage(".")
	if err == nil || !strings.Contains(err.Error(), "bad.go:3:6") {
		t.Errorf("error %v does not say where", err)
	}
}
