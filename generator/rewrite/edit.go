package rewrite

import (
	"bytes"
	"go/format"
	"slices"
	"strings"
)

// edit replaces src[pos:end] by text. Nearly all edits are insertions: pos == end.
type edit struct {
	pos, end int
	text     string
}

func insert(at int, text string) edit { return edit{at, at, text} }

// apply makes edits, which do not overlap. Those at the same place keep their order.
func apply(src []byte, edits []edit) []byte {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int { return a.pos - b.pos })
	var out []byte
	last := 0
	for _, e := range edits {
		out = append(out, src[last:e.pos]...)
		out = append(out, e.text...)
		last = e.end
	}
	return append(out, src[last:]...)
}

// choose makes the first of several equivalent sets of edits that keeps a formatted file formatted. In a file that gofmt
// would change anyway, or when none does, it makes the first.
func choose(src []byte, candidates ...[]edit) []byte {
	first := apply(src, candidates[0])
	if !formatted(src) || formatted(first) {
		return first
	}
	for _, edits := range candidates[1:] {
		if out := apply(src, edits); formatted(out) {
			return out
		}
	}
	return first
}

// formatted says whether gofmt would leave src as it is, apart from its line endings, which gofmt makes Unix's.
func formatted(src []byte) bool {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	out, err := format.Source(src)
	return err == nil && bytes.Equal(out, src)
}

// lines joins the lines of a text with the file's line ending, each after the first indented.
func lines(newline, indent string, text ...string) string {
	for i := range text {
		if i > 0 && text[i] != "" {
			text[i] = indent + text[i]
		}
	}
	return strings.Join(text, newline)
}
