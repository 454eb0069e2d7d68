// +k8s:openapi-gen=true
// +k8s:deepcopy-gen=package
// +k8s:conversion-gen=example.com/demo/pkg/apis/batch
// +k8s:defaulter-gen=TypeMeta
// +groupName=batch.example.com
// +groupGoName=Batching

// Package v1 is external.
package v1
