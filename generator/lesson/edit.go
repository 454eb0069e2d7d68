package lesson

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Edit is a change of one file of a project, or a new file.
type Edit struct {
	// File is slash-separated and relative to the project's root.
	File string
	// Content is that of a new file; Hunks are the changes of one that is there.
	Content string
	Hunks   []Hunk
}

// Hunk is a change of some lines that stand together.
type Hunk struct {
	Lines []HunkLine
}

// HunkLine is a line that is there, one that goes, or one that comes.
type HunkLine struct {
	Op   byte // ' ', '-' or '+'
	Text string
}

// NotFoundError says that a file has no place for an edit.
type NotFoundError struct {
	// File is the edit's.
	File string
	// Reason is why not, in one line.
	Reason string
}

func (e *NotFoundError) Error() string { return e.File + ": " + e.Reason }

// parseEdit reads a section of the name "edit FILE" or "write FILE".
func parseEdit(name, data string) (*Edit, error) {
	kind, file, _ := strings.Cut(name, " ")
	if (kind != "edit" && kind != "write") || path.Clean(file) != file || !filepath.IsLocal(filepath.FromSlash(file)) {
		return nil, errors.New("a section is called edit FILE or write FILE")
	}
	e := &Edit{File: file}
	if kind == "write" {
		e.Content = data
		return e, nil
	}
	e.Hunks = []Hunk{{}}
	for i, line := range strings.Split(strings.TrimSuffix(data, "\n"), "\n") {
		last := &e.Hunks[len(e.Hunks)-1]
		switch {
		case line == "@@" && i > 0:
			e.Hunks = append(e.Hunks, Hunk{})
		case line == "":
			last.Lines = append(last.Lines, HunkLine{Op: ' '})
		case strings.Contains(" +-", line[:1]):
			last.Lines = append(last.Lines, HunkLine{line[0], line[1:]})
		default:
			return nil, fmt.Errorf("line %d of an edit begins with neither a space nor - nor +", i+1)
		}
	}
	for _, h := range e.Hunks {
		if before := h.side('-'); len(before) == 0 || slices.Equal(before, h.side('+')) {
			return nil, errors.New("a hunk needs lines that are there, and one that changes")
		}
	}
	return e, nil
}

// side are the lines before the change ('-') or after it ('+').
func (h Hunk) side(op byte) []string {
	var lines []string
	for _, l := range h.Lines {
		if l.Op == ' ' || l.Op == op {
			lines = append(lines, l.Text)
		}
	}
	return lines
}

// added are the lines that come, each run of them by itself.
func (h Hunk) added() [][]string {
	var runs [][]string
	before := byte(' ')
	for _, l := range h.Lines {
		switch {
		case l.Op != '+':
		case before == '+':
			runs[len(runs)-1] = append(runs[len(runs)-1], l.Text)
		default:
			runs = append(runs, []string{l.Text})
		}
		before = l.Op
	}
	return runs
}

func (h Hunk) String() string {
	var b strings.Builder
	for _, l := range h.Lines {
		b.WriteByte(l.Op)
		b.WriteString(l.Text + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// telling is how many lines that come together are enough to know them by. Shorter ones, such as one that returns, are anywhere.
const telling = 3

// doneIn says whether the file has what comes, and has no more what goes. Lines around it may have changed since, if what comes is
// known without them.
func (h Hunk) doneIn(lines []string) bool {
	if find(lines, h.side('+')) >= 0 {
		return true
	}
	runs := h.added()
	for _, run := range runs {
		if len(run) < telling || find(lines, run) < 0 {
			return false
		}
	}
	return len(runs) > 0 && find(lines, h.side('-')) < 0
}

// missing says what a file lacks that has no place for the hunk.
func (h Hunk) missing(lines []string) string {
	for _, line := range h.side('-') {
		if line != "" && !slices.Contains(lines, line) {
			return fmt.Sprintf("has no line %q, which the lesson's change is at", strings.TrimSpace(line))
		}
	}
	return fmt.Sprintf("has the lines of the lesson's change, but not one after the other, from %q on", strings.TrimSpace(h.side('-')[0]))
}

// find returns where lines has others, one after the other; -1 if nowhere.
func find(lines, wanted []string) int {
	for i := 0; i+len(wanted) <= len(lines); i++ {
		if slices.Equal(lines[i:i+len(wanted)], wanted) {
			return i
		}
	}
	return -1
}

// Done says whether a project's files have the edit. In a project of another module than Module, that one is meant.
func (e *Edit) Done(files fs.FS, module string) (bool, error) {
	src, err := fs.ReadFile(files, e.File)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if e.Hunks == nil {
		return bytes.Equal(unixLines(src), []byte(inModule(e.Content, module))), nil
	}
	lines := strings.Split(string(unixLines(src)), "\n")
	for _, h := range e.Hunks {
		if !h.in(module).doneIn(lines) {
			return false, nil
		}
	}
	return true, nil
}

// Apply returns what the file is with the edit: what has it stays as it is, every byte outside of it too. The error is a
// *NotFoundError if the file is not there, has no place for a hunk or more than one, or is to be new and is there already.
func (e *Edit) Apply(files fs.FS, module string) ([]byte, error) {
	src, err := fs.ReadFile(files, e.File)
	there := !errors.Is(err, fs.ErrNotExist)
	if err != nil && there {
		return nil, err
	}
	fail := func(reason string) ([]byte, error) { return nil, &NotFoundError{File: e.File, Reason: reason} }
	if e.Hunks == nil {
		content := []byte(inModule(e.Content, module))
		if there && !bytes.Equal(unixLines(src), content) {
			return fail("is there already, and is not the lesson's")
		}
		if there {
			return src, nil
		}
		return content, nil
	}
	if !there {
		return fail("is not there")
	}
	newline := "\n"
	if bytes.Contains(src, []byte("\r\n")) {
		newline = "\r\n"
	}
	lines := strings.Split(string(src), "\n")
	for _, h := range e.Hunks {
		h = h.in(module)
		bare := strings.Split(string(unixLines([]byte(strings.Join(lines, "\n")))), "\n")
		if h.doneIn(bare) {
			continue
		}
		before := h.side('-')
		at := find(bare, before)
		if at < 0 {
			return fail(h.missing(bare))
		}
		if find(bare[at+1:], before) >= 0 {
			return fail(fmt.Sprintf("has the lines that the lesson changes more than once, those after %q", before[0]))
		}
		var after []string
		old := lines[at:]
		for _, l := range h.Lines {
			switch l.Op {
			case ' ':
				after = append(after, old[0])
				old = old[1:]
			case '-':
				old = old[1:]
			case '+':
				after = append(after, l.Text+strings.TrimSuffix(newline, "\n"))
			}
		}
		lines = slices.Concat(lines[:at], after, lines[at+len(before):])
	}
	return []byte(strings.Join(lines, "\n")), nil
}

// in is the hunk with the module of a project in the place of the lessons'.
func (h Hunk) in(module string) Hunk {
	lines := slices.Clone(h.Lines)
	for i := range lines {
		lines[i].Text = inModule(lines[i].Text, module)
	}
	return Hunk{lines}
}

func inModule(text, module string) string {
	return strings.ReplaceAll(text, `"`+Module+"/", `"`+module+"/")
}

func unixLines(src []byte) []byte { return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")) }
