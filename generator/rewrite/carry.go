package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strings"
)

// ChangedError says that what was to be taken out of a file is not as it was put in.
type ChangedError struct {
	// File is the name that the caller gave.
	File string
	// Was is the first line that is not there any more.
	Was string
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s: has not the lines any more that were put in from `%s` on: take them out by hand", e.File, e.Was)
}

// Carry makes in src the changes that lead from one text to another, of which the file began as the first: lines that came,
// went or were replaced. Each finds its place by the lines around it, blanks aside; imports are added and removed by what they
// import. What a person has written between stays, and carrying back from to to from undoes it, byte for byte.
//
// A change that is there already is made no second time. A place that is not found is a *NotFoundError, lines to be taken
// out that somebody has changed are a *ChangedError.
func Carry(filename string, src, from, to []byte) ([]byte, error) {
	old, err := parse(filename, from)
	if err != nil {
		return nil, err
	}
	wanted, err := parse(filename, to)
	if err != nil {
		return nil, err
	}
	current, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	oldHead, oldBody := old.split()
	newHead, newBody := wanted.split()
	head, body := current.split()
	if bytes.Equal(head, oldHead) && len(wanted.ast.Imports) > len(old.ast.Imports) {
		head = newHead
	} else {
		out, err := carryImports(filename, src, old, wanted)
		if err != nil {
			return nil, err
		}
		head = out[:len(out)-len(body)]
	}
	lines, err := carryLines(filename, splitLines(body), splitLines(oldBody), splitLines(newBody))
	if err != nil {
		return nil, err
	}
	out := []byte(strings.Join(lines, ""))
	if bytes.Equal(body, out) {
		return src, nil
	}
	if out, err = dropImports(filename, slices.Concat(head, out), old, wanted); err != nil {
		return nil, err
	}
	out = keepFormatted(src, out)
	if _, err := parse(filename, out); err != nil {
		return nil, &NotFoundError{File: filename, Wanted: "code as kubecraft wrote it", Lines: strings.Join(carried(oldBody, newBody), "\n")}
	}
	return out, nil
}

// split cuts the file behind its imports.
func (f *file) split() (head, body []byte) {
	end := f.offset(f.ast.Name.End())
	for _, decl := range f.ast.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
			end = f.offset(gen.End())
		}
	}
	if i := bytes.IndexByte(f.src[end:], '\n'); i >= 0 {
		end += i + 1
	} else {
		end = len(f.src)
	}
	return f.src[:end], f.src[end:]
}

// carryImports adds what only the new text imports.
func carryImports(filename string, src []byte, old, wanted *file) (_ []byte, err error) {
	for _, spec := range wanted.ast.Imports {
		if slices.ContainsFunc(old.ast.Imports, func(s *ast.ImportSpec) bool { return importPath(s) == importPath(spec) }) {
			continue
		}
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if src, err = AddImport(filename, src, name, importPath(spec)); err != nil {
			return nil, err
		}
	}
	return src, nil
}

// dropImports removes what only the old text imports and the file does not use.
func dropImports(filename string, src []byte, old, wanted *file) (_ []byte, err error) {
	for _, spec := range old.ast.Imports {
		if slices.ContainsFunc(wanted.ast.Imports, func(s *ast.ImportSpec) bool { return importPath(s) == importPath(spec) }) {
			continue
		}
		if src, err = RemoveImport(filename, src, importPath(spec)); err != nil {
			return nil, err
		}
	}
	return src, nil
}

// reformat is gofmt, which keeps the file's line endings if they are all of one kind.
func reformat(src []byte) []byte {
	plain := bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	isDOS := len(plain) < len(src)
	if isDOS && bytes.Count(src, []byte("\r\n")) != bytes.Count(src, []byte("\n")) {
		return src
	}
	out, err := format.Source(plain)
	if err != nil {
		return src
	}
	if isDOS {
		out = bytes.ReplaceAll(out, []byte("\n"), []byte("\r\n"))
	}
	return out
}

// splitLines cuts a text into lines with their endings.
func splitLines(text []byte) []string { return strings.SplitAfter(string(text), "\n") }

// same compares lines but for their blanks, which gofmt aligns.
func same(a, b string) bool { return plain(a) == plain(b) }

func plain(line string) string { return strings.Join(strings.Fields(line), " ") }

// hunk is a change: lines start to end of the old text become others.
type hunk struct {
	start, end int
	lines      []string
}

// carryLines makes the changes between two texts in a third.
func carryLines(filename string, src, from, to []string) ([]string, error) {
	type placed struct {
		start, end int
		lines      []string
	}
	var edits []placed
	for _, h := range hunks(from, to) {
		if isCarried(src, from, h) {
			continue
		}
		at := place(src, from, h)
		if at < 0 && len(h.lines) == 0 {
			return nil, &ChangedError{File: filename, Was: firstWord(from[h.start:h.end])}
		}
		if at < 0 {
			return nil, &NotFoundError{File: filename, Wanted: "place " + h.where(from), Lines: strings.TrimSpace(strings.Join(h.lines, ""))}
		}
		edits = append(edits, placed{at, at + h.end - h.start, h.lines})
	}
	slices.SortStableFunc(edits, func(a, b placed) int { return a.start - b.start })
	var out []string
	last := 0
	for _, e := range edits {
		if e.start < last {
			return nil, &NotFoundError{File: filename, Wanted: "place of its own", Lines: strings.TrimSpace(strings.Join(e.lines, ""))}
		}
		out = append(out, src[last:e.start]...)
		out = append(out, endings(e.lines, src)...)
		last = e.end
	}
	return append(out, src[last:]...), nil
}

// endings gives lines the endings that the others have.
func endings(lines, like []string) []string {
	if len(like) == 0 || !strings.HasSuffix(like[0], "\r\n") {
		return lines
	}
	out := slices.Clone(lines)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "\n", "\r\n")
	}
	return out
}

// where says what stands around a change.
func (h hunk) where(from []string) string {
	for i := h.start - 1; i >= 0; i-- {
		if tells(from[i]) {
			return "below `" + plain(from[i]) + "`"
		}
	}
	return "above `" + firstWord(from[h.end:]) + "`"
}

func firstWord(lines []string) string {
	for _, line := range lines {
		if tells(line) {
			return plain(line)
		}
	}
	return ""
}

// tells says whether a line is more than brackets: those are everywhere.
func tells(line string) bool { return strings.Trim(line, "{}()[], \t\r\n") != "" }

// place returns where in src a change of from goes: where its old lines stand or, if there are none, below the line that is above it
// or above the one that is below it, if those are more than brackets; of several such places, where most lines around are the
// same as in from. -1 if there is no such place, or two that are as good.
func place(src, from []string, h hunk) int {
	best, score, ties := -1, 0, 0
	for at := 0; at+h.end-h.start <= len(src); at++ {
		next := at + h.end - h.start
		if !slices.EqualFunc(src[at:next], from[h.start:h.end], same) {
			continue
		}
		before, after := 0, 0
		for before < at && before < h.start && same(src[at-before-1], from[h.start-before-1]) {
			before++
		}
		for next+after < len(src) && h.end+after < len(from) && same(src[next+after], from[h.end+after]) {
			after++
		}
		if !h.fits(from, before, after) {
			continue
		}
		switch {
		case best < 0 || before+after > score:
			best, score, ties = at, before+after, 0
		case before+after == score:
			ties++
		}
	}
	if ties > 0 {
		return -1
	}
	return best
}

// fits says whether a place where that many lines before and after are those of from can be the one of the change.
func (h hunk) fits(from []string, before, after int) bool {
	if firstWord(from[h.start:h.end]) != "" {
		return true
	}
	above, below := h.start > 0 && tells(from[h.start-1]), h.end < len(from) && tells(from[h.end])
	if above || below {
		return above && before > 0 || below && after > 0
	}
	return firstWord(from[h.start-before:h.end+after]) != ""
}

// isCarried says whether a change has been made in src: its new lines stand beside a line that they stand beside in the new
// text, or nothing is left of the lines that go.
func isCarried(src, from []string, h hunk) bool {
	if len(h.lines) == 0 {
		return !slices.ContainsFunc(from[h.start:h.end], func(line string) bool {
			return tells(line) && slices.ContainsFunc(src, func(s string) bool { return same(s, line) })
		})
	}
	for at := 0; at+len(h.lines) <= len(src); at++ {
		if !slices.EqualFunc(src[at:at+len(h.lines)], h.lines, same) {
			continue
		}
		next := at + len(h.lines)
		before := at > 0 && h.start > 0 && same(src[at-1], from[h.start-1])
		after := next < len(src) && h.end < len(from) && same(src[next], from[h.end])
		if before || after {
			return true
		}
	}
	return false
}

// carried returns the lines that only the new text has.
func carried(from, to []byte) []string {
	var all []string
	for _, h := range hunks(splitLines(from), splitLines(to)) {
		for _, line := range h.lines {
			all = append(all, strings.TrimRight(line, "\r\n"))
		}
	}
	return all
}

// hunks returns the changes that lead from one text to another, those that add or remove a paragraph with the empty line in
// front of it.
func hunks(from, to []string) []hunk {
	// common[i][j] is the length of the longest common subsequence of from[i:] and to[j:].
	common := make([][]int, len(from)+1)
	for i := range common {
		common[i] = make([]int, len(to)+1)
	}
	for i := len(from) - 1; i >= 0; i-- {
		for j := len(to) - 1; j >= 0; j-- {
			if same(from[i], to[j]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var all []hunk
	for i, j := 0, 0; i < len(from) || j < len(to); {
		if i < len(from) && j < len(to) && same(from[i], to[j]) {
			i, j = i+1, j+1
			continue
		}
		h := hunk{start: i}
		first := j
		for i < len(from) || j < len(to) {
			if i < len(from) && j < len(to) && same(from[i], to[j]) {
				break
			}
			if j == len(to) || i < len(from) && common[i+1][j] >= common[i][j+1] {
				i++
			} else {
				j++
			}
		}
		h.end, h.lines = i, to[first:j]
		all = append(all, h.slide(from))
	}
	return all
}

// slide moves a change that only adds or only removes lines up as long as that makes the same text, to where it begins with an
// empty line.
func (h hunk) slide(from []string) hunk {
	moved := h
	for {
		lines := moved.lines
		if len(lines) == 0 {
			lines = from[moved.start:moved.end]
		} else if moved.end > moved.start {
			return h
		}
		if plain(lines[0]) == "" {
			return moved
		}
		if moved.start == 0 || !same(from[moved.start-1], lines[len(lines)-1]) {
			return h
		}
		last := lines[len(lines)-1]
		moved.start, moved.end = moved.start-1, moved.end-1
		if len(moved.lines) > 0 {
			moved.lines = append([]string{last}, lines[:len(lines)-1]...)
		}
	}
}
