package codegen

import (
	"fmt"
	"strings"
)

// Diagnostic is a finding about the project's source, on one line.
type Diagnostic struct {
	// File is a slash path relative to Options.Dir (absolute if outside of it), or "" if no file is to blame.
	File string
	// Line and Column count from 1; 0 means unknown.
	Line, Column int
	// Message says what is wrong and what to do.
	Message string
}

// String formats the diagnostic as the go command does: file:line:column: message.
func (d Diagnostic) String() string {
	switch {
	case d.File == "":
		return d.Message
	case d.Line == 0:
		return d.File + ": " + d.Message
	case d.Column == 0:
		return fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Column, d.Message)
}

// Error is why nothing was generated: at least one diagnostic.
type Error struct {
	Diagnostics []Diagnostic
	// Detail is the full text behind the diagnostics (a generator's log), for verbose output only.
	Detail string
}

// Error returns one line per diagnostic.
func (e *Error) Error() string {
	lines := make([]string, len(e.Diagnostics))
	for i, d := range e.Diagnostics {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}
