package component

import (
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	for name, want := range map[string]Component{
		"binpack":   {"binpack", "binpack", "Binpack"},
		"gpu-aware": {"gpu-aware", "gpuaware", "GpuAware"},
		"a1--b2":    {"a1--b2", "a1b2", "A1B2"},
	} {
		if got, err := New(name, "scheduler"); err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"":                      "must be lower case letters",
		"Binpack":               "use binpack",
		"bin_pack":              "must be lower case letters",
		"-a":                    "must be lower case letters",
		"1a":                    "must be lower case letters",
		strings.Repeat("a", 64): "63 characters at most",
		"../../x":               "must be lower case letters",
		"scheduler":             "use another, as in my-scheduler",
		"func":                  "func means something else in Go",
		"str-ing":               "string means something else in Go",
		"internal":              "internal cannot be imported",
		"documentation":         "documentation cannot be imported",
	} {
		if got, err := New(name, "scheduler"); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}
