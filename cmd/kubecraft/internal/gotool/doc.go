// Package gotool runs the go command for a project: the one on PATH, shielded from settings of the user's that would
// break a project's build, with progress while it compiles.
package gotool
