// Package controlplane composes a control plane out of parts and runs it: Main is what a project's main.go calls, Start
// is the same for Go code that wants a running one.
package controlplane
