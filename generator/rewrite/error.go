package rewrite

import (
	"fmt"
	"strings"
)

// NotFoundError says that a file has no place for what was to be added.
type NotFoundError struct {
	// File is the name that the caller gave.
	File string
	// Wanted is what was looked for, as in "a call to scheme.AddKnownTypes for SchemeGroupVersion".
	Wanted string
	// Lines is the Go code to add by hand, without a newline at its end.
	Lines string
	// Imports are the imports that Lines needs and the file has not, as in `"example.com/demo/pkg/apiserver"`.
	Imports []string
}

func (e *NotFoundError) Error() string {
	lines := e.Lines
	if len(e.Imports) > 0 {
		lines = "import " + strings.Join(e.Imports, ", import ") + ", and " + lines
	}
	return fmt.Sprintf("%s: found no %s: add this by hand, then run the command again: %s", e.File, e.Wanted, lines)
}
