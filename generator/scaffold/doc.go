// Package scaffold turns a description of what a project should hold into the contents of its files: those of a new
// project, and those that a kind adds to or changes in one that is there. It reads files but writes none; paths in
// its results are slash-separated and relative to the project's root.
package scaffold
