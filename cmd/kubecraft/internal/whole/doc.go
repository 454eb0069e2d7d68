// Package whole is what the build tag of this name adds to the command: the control plane of examples/cluster, without types
// of a project's own, and kubectl. Nothing else of the command reaches the server's code.
package whole
