package project

import "fmt"

// NotProjectError says that a folder is not in a kubecraft project, and what to run.
type NotProjectError struct {
	// Dir is where the search began.
	Dir string
	// Reason is what is missing.
	Reason string
}

func (e *NotProjectError) Error() string { return fmt.Sprintf("%s: %s", e.Dir, e.Reason) }
