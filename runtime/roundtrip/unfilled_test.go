package roundtrip

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestUnfilled(t *testing.T) {
	dir := t.TempDir()
	for name, src := range map[string]string{
		"v1/conversion.go": "package v1\n\n// The marker is " + marker + "not at the start of this line.\n",
		"v2/conversion.go": "package v2\n\nfunc f() error {\n\t" + marker + "convert Size of v2\n\treturn nil\n}\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	places, err := unfilled(dir)
	want := []string{filepath.Join(dir, "v2", "conversion.go") + ":4: convert Size of v2"}
	if err != nil || !slices.Equal(places, want) {
		t.Errorf("got %q, %v, want %q", places, err, want)
	}
}
