// Package resource describes a Kubernetes resource as a project defines it (group, version, kind, names, scope), derives
// the Go names that its code goes by, and says what Kubernetes or Go would reject before anything is written.
package resource
