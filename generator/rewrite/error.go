package rewrite

import "fmt"

// NotFoundError says that a file has no place for what was to be added.
type NotFoundError struct {
	// File is the name that the caller gave.
	File string
	// Wanted is what was looked for, as in "a call to scheme.AddKnownTypes for SchemeGroupVersion".
	Wanted string
	// Lines is the Go code to add by hand, without a newline at its end.
	Lines string
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s: found no %s: add this by hand, then run the command again: %s", e.File, e.Wanted, e.Lines)
}
