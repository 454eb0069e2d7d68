package codegen

import (
	"errors"
	"strings"
	"testing"
)

func TestParseColumn(t *testing.T) {
	const p = "+kubebuilder:printcolumn:"
	good := map[string]column{
		"name=Phase,type=string,JSONPath=.status.phase": {name: "Phase", kind: "string", jsonPath: ".status.phase"},
		"name=\"A, b\",type=date,JSONPath=`.metadata.creationTimestamp`": {
			name: "A, b", kind: "date", jsonPath: ".metadata.creationTimestamp",
		},
		"JSONPath=`.status.conditions[?(@.type==\"Ready\")].status` , type=string, name=Ready, priority=1": {
			name: "Ready", kind: "string", jsonPath: `.status.conditions[?(@.type=="Ready")].status`, priority: 1,
		},
		`name=N,type=integer,format=int64,JSONPath=.spec.n,description="how \"many\""`: {
			name: "N", kind: "integer", format: "int64", jsonPath: ".spec.n", description: `how "many"`,
		},
	}
	for text, want := range good {
		if got, err := parseColumn(p + text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	bad := map[string]string{ // the text, with ^ where the error is
		"name=A,type=string":                            "^",
		"name=A,^type=text,JSONPath=.a":                 "one of",
		"name=A,type=string,^JSONPath=a":                "start with a dot",
		"name=A,type=string,JSONPath=.a,^priority=-1":   "whole number",
		"name=A,type=string,JSONPath=.a,^colour=red":    "unknown argument",
		"name=A,^name=B,type=string,JSONPath=.a":        "twice",
		"name=^\"A,type=string,JSONPath=.a":             "does not end",
		"name=\"A\"^B,type=string,JSONPath=.a":          "comma",
		"name=A,type=string,JSONPath=.a,^":              "name=value",
		"name=A,^type,JSONPath=.a":                      "name=value",
		"name=^,type=string,JSONPath=.a":                "no value",
		"^name=\" \",type=string,JSONPath=.a":           "empty",
		"name=A,type=string,JSONPath=.a,^format=bigint": "one of",
	}
	for text, message := range bad {
		offset := len(p) + strings.IndexByte(text, '^')
		if message == "^" {
			offset, message = 0, "without JSONPath"
		}
		_, err := parseColumn(p + strings.Replace(text, "^", "", 1))
		var e *markerError
		if !errors.As(err, &e) || e.offset != offset || !strings.Contains(e.message, message) {
			t.Errorf("%s: %#v, wanted %q at %d", text, err, message, offset)
		}
	}
	if _, err := parseColumn("+kubebuilder:printcolumn"); err == nil {
		t.Error("a bare marker is accepted")
	}
}

func FuzzParseColumn(f *testing.F) {
	f.Add("name=\"Phase\",type=string,JSONPath=`.status.phase`,priority=1,description=\"x\"")
	f.Add("name=A,type=date,JSONPath=.a,format=date-time")
	f.Add("name=,=,`")
	f.Fuzz(func(t *testing.T, text string) {
		text = "+kubebuilder:printcolumn:" + text
		c, err := parseColumn(text)
		var e *markerError
		switch {
		case err == nil:
			if c.name == "" || c.kind == "" || !strings.HasPrefix(c.jsonPath, ".") || c.priority < 0 {
				t.Errorf("%q is accepted as %+v", text, c)
			}
			if _, err := format([]byte("package p\n\nvar _ = T" + c.literal() + "\n")); err != nil {
				t.Errorf("%q makes bad Go: %v", text, err)
			}
		case !errors.As(err, &e) || e.offset < 0 || e.offset > len(text) || e.message == "":
			t.Errorf("%q: %#v", text, err)
		}
	})
}
