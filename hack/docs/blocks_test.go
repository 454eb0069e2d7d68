package docs

import (
	"reflect"
	"testing"
)

func TestCommands(t *testing.T) {
	text := "prose\n```console\n$ one --flag \\\n  more\nprinted\n$ two <<EOF\na: b\nEOF\n```\n```go\n$ not\n```\n```text\n$ printed\n```\n"
	got, err := Commands("F", text)
	want := []Command{
		{File: "F", Line: 3, Text: "one --flag \\\n  more", Output: []string{"printed"}},
		{File: "F", Line: 6, Text: "two <<EOF\na: b\nEOF", Output: []string{"$ printed"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got, err := Commands("F", "```console\n$ true\n```\n# Figures\n```text\na table\n```\n"); err != nil || len(got) != 1 || len(got[0].Output) > 0 {
		t.Errorf("got %+v, %v of a table in a section of its own", got, err)
	}
	for _, bad := range []string{"```console\nno command\n```\n", "```console\n$ never closed\n"} {
		if _, err := Commands("F", bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
