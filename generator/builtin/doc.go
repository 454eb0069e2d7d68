// Package builtin knows the resources of Kubernetes' own API that a project can serve one by one: their names, the packages
// of runtime/kubernetes that serve them, and which of them refer to which. It is data: the server's code is the project's.
package builtin
