package codegen

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What users get wrong comes back as one line each, at the place in their source.
func TestErrors(t *testing.T) {
	const bar, internal, doc = "pkg/apis/example/v1/bar.go", "pkg/apis/example/bar.go", "pkg/apis/example/v1/doc.go"
	tests := []struct {
		name string
		edit func(t *testing.T, files map[string][]byte)
		want []string
	}{{
		name: "syntax",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "type BarSpec struct {", "type BarSpec struct")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:20:2: expected '{', found Size",
		},
	}, {
		name: "undefined type",
		edit: func(t *testing.T, f map[string][]byte) { replace(t, f, bar, "Size int32", "Size Sise") },
		want: []string{
			"pkg/apis/example/v1/bar.go:20:7: undefined: Sise",
		},
	}, {
		name: "two mistakes, one in the internal package",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "Size int32", "Size Sise")
			replace(t, f, internal, "Phase string", "Phase metav1.Phase")
		},
		want: []string{
			"pkg/apis/example/bar.go:23:15: undefined: metav1.Phase",
			"pkg/apis/example/v1/bar.go:20:7: undefined: Sise",
		},
	}, {
		name: "import of a package that is not there",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "import metav1", "import \"example.com/demo/pkg/nowhere\"\n\nimport metav1")
			replace(t, f, bar, "Size int32", "Size nowhere.X")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:3:8: package example.com/demo/pkg/nowhere is not there: this module has no such folder with Go files",
		},
	}, {
		name: "import of a module that go.mod lacks",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "import metav1", "import \"example.org/elsewhere/api\"\n\nimport metav1")
			replace(t, f, bar, "Size int32", "Size api.X")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:3:8: no module in go.mod provides package example.org/elsewhere/api: run go get example.org/elsewhere/api",
		},
	}, {
		name: "two packages in a folder",
		edit: func(t *testing.T, f map[string][]byte) { replace(t, f, bar, "package v1", "package v2") },
		want: []string{
			"pkg/apis/example/v1: found packages v2 (bar.go) and v1 (defaults.go) in pkg/apis/example/v1",
		},
	}, {
		name: "import cycle",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, internal, "import metav1", "import v1 \"example.com/demo/pkg/apis/example/v1\"\n\nimport metav1")
			replace(t, f, internal, "Size int32", "Size v1.BarSpec")
			replace(t, f, bar, "import metav1", "import \"example.com/demo/pkg/apis/example\"\n\nimport metav1")
			replace(t, f, bar, "Size int32", "Size example.BarSpec")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:3:8: import cycle not allowed: example.com/demo/pkg/apis/example imports example.com/demo/pkg/apis/example/v1 imports example.com/demo/pkg/apis/example",
		},
	}, {
		name: "a field that cannot be copied",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "Size int32 `json:\"size\"`", "Size int32 `json:\"size\"`\n\tAny []interface{} `json:\"any\"`")
		},
		want: []string{
			`pkg/apis/example/v1/bar.go:21:2: deepcopy-gen: DeepCopy of "interface{}" is unsupported. Instead, use named interfaces with DeepCopy<named-interface> as one of the methods.`,
		},
	}, {
		name: "a channel",
		edit: func(t *testing.T, f map[string][]byte) { replace(t, f, internal, "Size int32", "Size chan int") },
		want: []string{
			"pkg/apis/example/bar.go:18:2: deepcopy-gen: Hit an unsupported type 'chan int' for 'chan int', from example.BarSpec.Size",
		},
	}, {
		name: "a map key that is no string",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "Phase string `json:\"phase,omitempty\"`", "Phase map[int]string `json:\"phase,omitempty\"`")
			replace(t, f, internal, "Phase string", "Phase map[int]string")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:25:2: openapi-gen: failed to generate map property in v1.BarStatus: Phase: map with non-string keys are not supported by OpenAPI in map[int]string",
		},
	}, {
		name: "a default that is no JSON",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "\tPhase string", "\t// +default=Pending\n\tPhase string")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:25:2: defaulter-gen: Failed to unmarshal default: invalid character 'P' looking for beginning of value (in +default of BarStatus.Phase)",
		},
	}, {
		name: "a field without counterpart",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "Size int32 `json:\"size\"`", "Size int32 `json:\"size\"`\n\tColor string `json:\"color\"`")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:21:2: cannot generate the conversion of v1.BarSpec to example.BarSpec: Color has no counterpart of its type; write func Convert_v1_BarSpec_To_example_BarSpec(in *BarSpec, out *example.BarSpec, s conversion.Scope) error in package v1 (it may call autoConvert_v1_BarSpec_To_example_BarSpec for the other fields), or have it begun by kubecraft add conversion",
		},
	}, {
		name: "fields of other types",
		edit: func(t *testing.T, f map[string][]byte) { replace(t, f, internal, "Size int32", "Size string") },
		want: []string{
			"pkg/apis/example/bar.go:18:2: conversion-gen cannot convert example.BarSpec.Size (string) to v1.BarSpec.Size (int32): give them the same type, or write func Convert_string_To_int32(in *string, out *int32, s conversion.Scope) error in package v1, or have it begun by kubecraft add conversion",
			"pkg/apis/example/v1/bar.go:20:2: conversion-gen cannot convert v1.BarSpec.Size (int32) to example.BarSpec.Size (string): give them the same type, or write func Convert_int32_To_string(in *int32, out *string, s conversion.Scope) error in package v1, or have it begun by kubecraft add conversion",
		},
	}, {
		name: "a list of elements without conversion",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, bar, "Size int32 `json:\"size\"`", "Size int32 `json:\"size\"`\n\tTimes []metav1.Time `json:\"times\"`")
			replace(t, f, internal, "Size int32", "Size int32\n\tTimes []string")
		},
		want: []string{
			"pkg/apis/example/v1/bar.go:19:6: conversion-gen: Provide conversion function to convert metav1.Time to string (needed by autoConvert_v1_BarSpec_To_example_BarSpec)",
		},
	}, {
		name: "no scheme builder for conversions",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, "pkg/apis/example/v1/register.go", "	localSchemeBuilder = &SchemeBuilder\n", "")
		},
		want: []string{
			"pkg/apis/example/v1/doc.go:9:9: generated conversions register themselves with localSchemeBuilder, which this package lacks: declare var localSchemeBuilder = &SchemeBuilder",
		},
	}, {
		name: "a marker that names a package that is not there",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, doc, "conversion-gen=example.com/demo/pkg/apis/example", "conversion-gen=example.com/demo/pkg/apis/exampel")
		},
		want: []string{
			"pkg/apis/example/v1/doc.go:3:4: package example.com/demo/pkg/apis/exampel is not there: this module has no such folder with Go files",
		},
	}, {
		name: "a marker with a value that generators do not know",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, doc, "deepcopy-gen=package", "deepcopy-gen=yes")
		},
		want: []string{
			`pkg/apis/example/v1/doc.go:2:1: deepcopy-gen: Package example.com/demo/pkg/apis/example/v1: unsupported k8s:deepcopy-gen value: "yes"`,
		},
	}, {
		name: "a malformed print column",
		edit: func(t *testing.T, f map[string][]byte) { replace(t, f, bar, "type=string", "type=text") },
		want: []string{
			`pkg/apis/example/v1/bar.go:7:42: type must be one of integer, number, string, boolean, date, not "text"`,
		},
	}, {
		name: "declarative validation without the tool",
		edit: func(t *testing.T, f map[string][]byte) {
			replace(t, f, doc, "// +groupName", "// +k8s:validation-gen=TypeMeta\n// +groupName")
		},
		want: []string{
			"pkg/apis/example/v1/doc.go:5:4: declarative validation (the +k8s: tags) needs the tool k8s.io/code-generator/cmd/validation-gen, which go.mod lacks: run go get -tool k8s.io/code-generator/cmd/validation-gen@v0.37.2",
		},
	}, {
		name: "no go.mod",
		edit: func(t *testing.T, f map[string][]byte) { delete(f, "go.mod") },
		want: []string{
			"no go.mod in DIR: not a Go module",
		},
	}, {
		name: "a go.mod that does not parse",
		edit: func(t *testing.T, f map[string][]byte) { replace(t, f, "go.mod", "require (", "requires (") },
		want: []string{
			"go.mod:9:1: unknown block type: requires",
		},
	}, {
		name: "a go.mod for a newer Go",
		edit: func(t *testing.T, f map[string][]byte) { replace(t, f, "go.mod", "go 1.26.0", "go 1.99.0") },
		want: []string{
			"Go RUNNING on PATH is too old: the project needs Go 1.99.0 or newer (https://go.dev/dl)",
		},
	}, {
		name: "a go.mod without Kubernetes",
		edit: func(t *testing.T, f map[string][]byte) {
			f["go.mod"] = []byte("module example.com/demo\n\ngo 1.26.0\n")
		},
		want: []string{
			"pkg/apis/example/bar.go:3:8: no module in go.mod provides package k8s.io/apimachinery/pkg/apis/meta/v1: run go get k8s.io/apimachinery/pkg/apis/meta/v1",
			"pkg/apis/example/register.go:3:8: no module in go.mod provides package k8s.io/apimachinery/pkg/runtime/schema: run go get k8s.io/apimachinery/pkg/runtime/schema",
			"pkg/apis/example/v1/register.go:5:2: no module in go.mod provides package k8s.io/apimachinery/pkg/runtime: run go get k8s.io/apimachinery/pkg/runtime",
		},
	}}
	t.Setenv("GOTOOLCHAIN", "local")
	t.Setenv("GOFLAGS", "-mod=mod")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := demo(t)
			tt.edit(t, files)
			dir := t.TempDir()
			write(t, dir, files)
			_, err := Run(t.Context(), Options{Dir: dir})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v is no *Error", err)
			}
			got := make([]string, len(e.Diagnostics))
			for i, d := range e.Diagnostics {
				got[i] = strings.ReplaceAll(strings.ReplaceAll(d.String(), dir, "DIR"), runtime.Version()[2:], "RUNNING")
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
