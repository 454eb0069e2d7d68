package project

// NotProjectError says that a folder is not in a kubecraft project, and what to run.
type NotProjectError struct {
	// Dir is where the search began.
	Dir string
	// Reason is what is missing, and what to do, in one line.
	Reason string
}

func (e *NotProjectError) Error() string { return e.Dir + ": " + e.Reason }
