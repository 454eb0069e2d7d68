// +k8s:deepcopy-gen=package
// +groupName=example

// Package example is the internal version of the API group example: the one form in which the server
// handles its objects, whichever version they came in. It is neither served nor stored.
package example
