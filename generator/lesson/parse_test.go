package lesson

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

const text = `A title

Prose,
of two lines.

# Do
Before it.

$ kubecraft add type example/v1 Bar --short-names br
edit f.go
write g.go
$ kubecraft serve
ready

# Look
$ cat <<END
a

END
a
$ true \
  --flag <<<$a

# Question
Why?

# Experiment
$ false
no

So.

# Upstream
- k8s.io/apimachinery/pkg/runtime Scheme.New, Object: what it is.
-- edit f.go --
 a
+b
-- write g.go --
package g
`

func TestParse(t *testing.T) {
	l, err := Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	edit, write := l.Steps[1].Edit, l.Steps[2].Edit
	want := &Lesson{
		Title: "A title",
		Sections: []Section{
			{Blocks: []Block{{Prose: "Prose,\nof two lines."}}},
			{"Do", []Block{
				{Prose: "Before it."},
				{Command: &Command{Line: 9, Text: "kubecraft add type example/v1 Bar --short-names br"}},
				{Edit: edit}, {Edit: write},
				{Command: &Command{Line: 12, Text: "kubecraft serve", Output: []string{"ready"}}},
			}},
			{"Look", []Block{
				{Command: &Command{Line: 16, Text: "cat <<END\na\n\nEND", Output: []string{"a"}}},
				{Command: &Command{Line: 21, Text: "true \\\n  --flag <<<$a"}},
			}},
			{"Question", []Block{{Prose: "Why?"}}},
			{"Experiment", []Block{{Command: &Command{Line: 28, Text: "false", Output: []string{"no"}}}, {Prose: "So."}}},
			{Heading: "Upstream"},
		},
		Steps:    []Step{{Verb: strings.Fields("add type example/v1 Bar --short-names br")}, {Edit: edit}, {Edit: write}},
		Upstream: []Pointer{{"k8s.io/apimachinery/pkg/runtime", []string{"Scheme.New", "Object"}, "what it is."}},
	}
	if !reflect.DeepEqual(l, want) {
		t.Errorf("got  %+v\nwant %+v", l, want)
	}
	if edit == nil || edit.File != "f.go" || len(edit.Hunks) != 1 || write == nil || write.Content != "package g\n" {
		t.Errorf("the edits are %+v and %+v", edit, write)
	}
	var typed []string
	for _, c := range l.Commands() {
		typed = append(typed, strings.Fields(c.Text)[0])
	}
	if got := strings.Join(typed, " "); got != "kubecraft cat true false" {
		t.Errorf("a reader types %s", got)
	}
}

func TestParseErrors(t *testing.T) {
	for want, change := range map[string][2]string{
		"f:1: the first line is to be the title":                                                      {"A title\n", "\n"},
		`f:15: the headings are Do, Look, Question, Experiment, Upstream, in this order, not "Loook"`: {"# Look\n", "# Loook\n"},
		`f:9: a verb is of plain words, not "add type 'a b'"`:                                         {"example/v1 Bar --short-names br", "'a b'"},
		"f: -- edit f.go -- is not below # Do":                                                        {"edit f.go\nwrite", "write"},
		"f:34: below # Upstream a line is - PACKAGE NAME, ...: TEXT":                                  {"- k8s.io", "k8s.io"},
		"f:35: -- edit f.go --: a hunk needs lines that are there, and one that changes":              {" a\n+b\n", " a\n"},
		"f:35: -- edit f.go --: line 2 of an edit begins with neither a space nor - nor +":            {" a\n+b\n", " a\nb\n"},
		"f:38: -- write ../g.go --: a section is called edit FILE or write FILE":                      {"-- write g.go --", "-- write ../g.go --"},
		"f:16: the here-document does not end: there is no line END":                                  {"a\n\nEND\n", "a\n\n"},
		"f:31: ends before # Upstream":                                                                {"# Upstream\n- k8s.io/apimachinery/pkg/runtime Scheme.New, Object: what it is.\n", ""},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("%q is not in the text", change[0])
		}
		_, err := Parse("f", []byte(strings.Replace(text, change[0], change[1], 1)))
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for _, name := range []string{"02-a.txtar", "1-a.txtar", "01.txtar", "01-.txtar"} {
		_, err := Load(fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}})
		if err == nil || !strings.HasSuffix(err.Error(), "lesson 1 is to be in a file of the name 01-NAME.txtar") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(text)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse("f", []byte(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %v", err)
			}
			return
		}
		l.Number, l.Name = 1, "a"
		Pages([]Lesson{*l})
		l.Text()
		l.Commands()
	})
}
