package codegen

import (
	"bytes"
	"os/exec"
	"testing"
)

// Each construct that gofmt -s simplifies, and ones that look like it.
const unsimplified = `package p

import (
	"b"
	a "x"
	"a"
)

var (
)

const (
	// kept for its comment
)

type T struct{ A, B int }

var (
	_ = []T{T{1, 2}, {3, 4}}
	_ = []*T{&T{1, 2}}
	_ = []T{*&T{}}
	_ = []interface{}{T{}, &T{}}
	_ = [...][]T{[]T{T{}}, []T{}}
	_ = map[T]*T{T{}: &T{A: 1}}
	_ = map[string]map[string]T{"a": map[string]T{"b": T{}}}
	_ = map[string]a.T{"a": a.T{}, "b": b.T{}}
	_ = []struct{ A int }{struct{ A int }{1}, struct{ A int }(struct{ A int }{2})}
	_ = map[*T]int{&T{}: 1}
)

func f(s []int, m map[int]int) {
	_ = s[1:len(s)]
	_ = s[1:len(m)]
	_ = s[1:len(s):9]
	for _ = range s {
	}
	for _, _ = range s {
	}
	for i, _ := range s {
		_ = i
	}
	for _, x := range s {
		_ = x
	}
}
`

func TestFormatAsGofmt(t *testing.T) {
	got, err := format([]byte(unsimplified))
	if err != nil {
		t.Fatal(err)
	}
	gofmt := exec.Command("gofmt", "-s")
	gofmt.Stdin = bytes.NewReader([]byte(unsimplified))
	want, err := gofmt.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s\nthe whole:\n%s", firstDifference(string(got), string(want)), got)
	}
	if again, err := format(got); err != nil || !bytes.Equal(again, got) {
		t.Errorf("formatting twice differs: %v", err)
	}
	if _, err := format([]byte("no Go")); err == nil {
		t.Error("what is not Go is formatted")
	}
}
