package resource

import (
	"slices"
	"strings"
	"testing"
)

func TestCutType(t *testing.T) {
	bar := Type{Group: "example", Version: "v1", Kind: "Bar"}
	for _, test := range []struct {
		words string
		want  Type
		rest  []string
		fails string
	}{
		{words: "example/v1 Bar", want: bar},
		{words: "example/v1/Bar", want: bar},
		{words: "example/v1 Bar status", want: bar, rest: []string{"status"}},
		{words: "example/v1/Bar status", want: bar, rest: []string{"status"}},
		{words: "batch.example.com/v1beta1/FooBar", want: Type{Group: "batch.example.com", Version: "v1beta1", Kind: "FooBar"}},
		{words: "", fails: "no type is named"},
		{words: "example/v1", fails: `"example/v1" names no kind: write GROUP/VERSION KIND, as in example/v1 Bar`},
		{words: "Bar", fails: `"Bar" is not a group and a version`},
		{words: "v1 Bar", fails: `"v1" names no group`},
		{words: "example/v1/", fails: `kind ""`},
		{words: "example/v1 Bar/status", fails: `kind "Bar/status"`},
		{words: "example/v1/Bar/status", fails: `"example/v1/Bar/status" is not a group and a version`},
		{words: "example/x1/Bar", fails: `version "x1"`},
		{words: "Example/v1 Bar", fails: `group "Example"`},
	} {
		got, rest, err := CutType(strings.Fields(test.words))
		if test.fails != "" {
			if err == nil || !strings.Contains(err.Error(), test.fails) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: got %v, want %q in a line", test.words, err, test.fails)
			}
			continue
		}
		if err != nil || got != test.want || !slices.Equal(rest, test.rest) {
			t.Errorf("%q: got %v, %q, %v", test.words, got, rest, err)
		}
	}
}

// Both forms name the same type or fail alike, and a name that is read is written as it was.
func FuzzCutType(f *testing.F) {
	for _, name := range []string{"example/v1/Bar", "a.b/v1beta1/B", "//", "example/v1/", "v1/v1/v1", "ä/v1/B", "/v1/Bar"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		one, rest, err := CutType([]string{name, "x"})
		if strings.Count(name, "/") != 2 {
			return
		}
		if err == nil && (one.String() != name || !slices.Equal(rest, []string{"x"})) {
			t.Errorf("%q: got %v, %q", name, one, rest)
		}
		at := strings.LastIndexByte(name, '/')
		two, _, err2 := CutType([]string{name[:at], name[at+1:], "x"})
		if (err == nil) != (err2 == nil) || one != two {
			t.Errorf("%q: got %v, %v as a word and %v, %v as two", name, one, err, two, err2)
		}
	})
}
