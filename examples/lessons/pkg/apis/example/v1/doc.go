// +k8s:deepcopy-gen=package
// +k8s:defaulter-gen=TypeMeta
// +k8s:conversion-gen=example.com/lessons/pkg/apis/example
// +k8s:openapi-gen=true
// +k8s:openapi-model-package=com.example.lessons.pkg.apis.example.v1
// +groupName=example

// Package v1 is version v1 of the API group example, as clients see it.
package v1
