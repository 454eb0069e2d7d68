// +k8s:deepcopy-gen=package
// +groupName=batch.example.com

// Package batch has a type with every sort of field that generators treat differently.
package batch
