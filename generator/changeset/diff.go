package changeset

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff writes what Commit would do as a unified diff in git's format: `git apply` and `patch -p1` take it.
func (s *Set) Diff(w io.Writer) error {
	changes, err := s.Changes()
	if err != nil {
		return err
	}
	for _, c := range changes {
		if _, err := w.Write(c.diff()); err != nil {
			return err
		}
	}
	return nil
}

func (c Change) diff() []byte {
	var out bytes.Buffer
	from, to := quote("a/"+c.Path), quote("b/"+c.Path)
	fmt.Fprintf(&out, "diff --git %s %s\n", from, to)
	switch c.Action {
	case Create:
		fmt.Fprintf(&out, "new file mode %s\n", gitMode(c.mode))
		from = "/dev/null"
	case Delete:
		fmt.Fprintf(&out, "deleted file mode %s\n", gitMode(c.mode))
		to = "/dev/null"
	}
	if bytes.IndexByte(c.Before, 0) >= 0 || bytes.IndexByte(c.After, 0) >= 0 {
		fmt.Fprintf(&out, "Binary files %s and %s differ\n", from, to)
		return out.Bytes()
	}
	// The first three lines are the library's header, which knows nothing of files that are new or gone.
	body := diff.Diff("", c.Before, "", c.After)
	for range 3 {
		_, body, _ = bytes.Cut(body, []byte("\n"))
	}
	if len(body) > 0 {
		fmt.Fprintf(&out, "--- %s\n+++ %s\n", endName(from), endName(to))
		out.Write(body)
	}
	return out.Bytes()
}

// endName marks the end of a name with spaces as git does; patch takes the name to end at a space otherwise.
func endName(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}

// quote writes a name as git does if it holds what would break the line.
func quote(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '"' || r == '\\' }) {
		return name
	}
	var out strings.Builder
	out.WriteByte('"')
	for _, b := range []byte(name) {
		switch {
		case b == '"' || b == '\\':
			out.WriteByte('\\')
			out.WriteByte(b)
		case b < ' ' || b == 0x7f:
			fmt.Fprintf(&out, "\\%03o", b)
		default:
			out.WriteByte(b)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func gitMode(mode fs.FileMode) string {
	if mode&0o111 != 0 {
		return "100755"
	}
	return "100644"
}
