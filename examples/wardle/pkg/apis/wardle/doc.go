// +k8s:deepcopy-gen=package
// +groupName=wardle.example.com

// Package wardle is the internal version of the API group wardle.example.com: the one form in which the server
// handles its objects, whichever version they came in. It is neither served nor stored.
package wardle
