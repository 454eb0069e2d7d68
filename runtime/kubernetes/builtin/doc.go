// Package builtin makes parts of Kubernetes' own API that a server can have one by one, from upstream's storage
// constructors. The packages beside it, such as core/nodes, are made with it, one for each resource; a project serves one
// that has no package in the same way, by a line among the groups in its pkg/apiserver/install.go.
//
// A package imports the registry of its own resource and no other: who adds nodes compiles no other group's.
package builtin
