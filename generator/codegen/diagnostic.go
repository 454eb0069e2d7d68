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

// Conversion is a function that conversion-gen needs a person to write.
type Conversion struct {
	// Package is the import path of the package that it belongs in.
	Package string
	// From and To are the types that it converts, as import path and name, such as example.com/demo/pkg/apis/example/v2.BarSpec, or
	// just the name of a basic one.
	From, To string
	// Type is the type that has Fields: From, or one with a field of type From.
	Type string
	// Fields are the names of those that need it.
	Fields []string
}

// Error is why nothing was generated: at least one diagnostic.
type Error struct {
	Diagnostics []Diagnostic
	// Conversions are what is missing, if that is why.
	Conversions []Conversion
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
