package lesson

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

func mustEdit(t *testing.T, name, data string) *Edit {
	t.Helper()
	e, err := parseEdit(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func project(file, content string) fstest.MapFS {
	return fstest.MapFS{file: &fstest.MapFile{Data: []byte(content)}}
}

func TestApply(t *testing.T) {
	const hunk = " func f() {\n-\treturn 1\n+\treturn 2\n }\n"
	for name, c := range map[string]struct{ edit, before, after, err string }{
		"changed in place":        {hunk, "a\n\nfunc f() {\n\treturn 1\n}\n\tb", "a\n\nfunc f() {\n\treturn 2\n}\n\tb", ""},
		"line ends stay":          {hunk, "func f() {\r\n\treturn 1\r\n}\r\n", "func f() {\r\n\treturn 2\r\n}\r\n", ""},
		"done already":            {hunk, "func f() {\n\treturn 2\n}\n", "func f() {\n\treturn 2\n}\n", ""},
		"done, and moved on":      {" func f() {\n+a\n+b\n+c\n }\n", "func f(i int) {\na\nb\nc\n}\n", "func f(i int) {\na\nb\nc\n}\n", ""},
		"the like elsewhere":      {hunk, "func f(i int) {\n\treturn 1\n}\n\nfunc g() {\n\treturn 2\n}\n", "", `f.go: has no line "func f() {", which the lesson's change is at`},
		"two hunks, one done":     {" a\n+b\n@@\n c\n+d\n", "a\nb\nc\n", "a\nb\nc\nd\n", ""},
		"another line":            {hunk, "func f() {\n\treturn 3\n}\n", "", `f.go: has no line "return 1", which the lesson's change is at`},
		"lines apart":             {hunk, "func f() {\n\n\treturn 1\n}\n", "", `f.go: has the lines of the lesson's change, but not one after the other, from "func f() {" on`},
		"more than one place":     {" a\n+b\n", "a\na\n", "", `f.go: has the lines that the lesson changes more than once, those after "a"`},
		"import of the project's": {" x\n+\"example.com/lessons/pkg/x\"\n", "x\n", "x\n\"example.com/mine/pkg/x\"\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := mustEdit(t, "edit f.go", c.edit)
			got, err := e.Apply(project("f.go", c.before), "example.com/mine")
			if c.err != "" {
				missing := new(NotFoundError)
				if !errors.As(err, &missing) || err.Error() != c.err {
					t.Errorf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil || string(got) != c.after {
				t.Fatalf("got %q, %v, want %q", got, err, c.after)
			}
			if done, err := e.Done(project("f.go", string(got)), "example.com/mine"); err != nil || !done {
				t.Errorf("not done after it was applied: %v", err)
			}
			if done, _ := e.Done(project("f.go", c.before), "example.com/mine"); done != (c.before == c.after) {
				t.Errorf("done before it was applied: %v", done)
			}
		})
	}
}

func TestApplyNewFile(t *testing.T) {
	e := mustEdit(t, "write a/f.go", "import \"example.com/lessons/pkg\"\n")
	const want = "import \"example.com/mine/pkg\"\n"
	if got, err := e.Apply(fstest.MapFS{}, "example.com/mine"); err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
	windows := strings.ReplaceAll(want, "\n", "\r\n")
	if got, err := e.Apply(project("a/f.go", windows), "example.com/mine"); err != nil || string(got) != windows {
		t.Errorf("got %q, %v of a file that is there with other line ends", got, err)
	}
	if _, err := e.Apply(project("a/f.go", "mine"), "example.com/mine"); err == nil || err.Error() != "a/f.go: is there already, and is not the lesson's" {
		t.Errorf("error %v", err)
	}
	if _, err := mustEdit(t, "edit f.go", " a\n+b\n").Apply(fstest.MapFS{}, "m"); err == nil || err.Error() != "f.go: is not there" {
		t.Errorf("error %v", err)
	}
}

// FuzzApply holds edits to their promise: what was applied is done, a second time changes nothing, and without the lines that came and with
// those that went the file is what it was.
func FuzzApply(f *testing.F) {
	f.Add("a\nb\nc", " a\n-b\n+d\n c\n")
	f.Add("a\r\nb\r\n", " a\n+x\n+y\n b\n")
	f.Add("", "-\n+a\n")
	f.Fuzz(func(t *testing.T, src, hunks string) {
		e, err := parseEdit("edit f", hunks)
		if err != nil {
			return
		}
		files := project("f", src)
		got, err := e.Apply(files, Module)
		if err != nil {
			return
		}
		if len(e.Hunks) == 1 {
			if done, err := e.Done(files, Module); err != nil || done != (string(got) == src) {
				t.Errorf("done is %v before, and it changes %q to %q", done, src, got)
			}
		}
		reversed := 0
		for _, h := range e.Hunks {
			for _, l := range h.Lines {
				switch l.Op {
				case '+':
					reversed++
				case '-':
					reversed--
				}
			}
		}
		if grown := strings.Count(string(got), "\n") - strings.Count(src, "\n"); len(e.Hunks) == 1 && string(got) != src && grown != reversed {
			t.Errorf("%d lines more, want %d: %q to %q", grown, reversed, src, got)
		}
	})
}
