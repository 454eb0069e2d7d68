// Package v1 is version 1 of the API group in which a scheduler tells how it has decided.
//
// +k8s:deepcopy-gen=package
// +k8s:openapi-gen=true
// +k8s:openapi-model-package=io.kubecraft.scheduling.v1
// +groupName=scheduling.kubecraft.io
package v1
