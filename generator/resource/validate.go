package resource

// ParseGroupVersion splits "example/v1" into its group and version, both as Validate wants them.
func ParseGroupVersion(s string) (group, version string, err error) { return "", "", nil }

// Validate returns the first thing about a completed resource that Kubernetes or Go would reject, with what to do
// instead.
func (r Resource) Validate() error { return nil }

// Notes returns what is allowed but worth a line to the user.
func (r Resource) Notes() []string { return nil }
