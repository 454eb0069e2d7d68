// Package server runs a project's server as a child process that never outlives its parent's interest in it.
package server
