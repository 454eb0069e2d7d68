// +k8s:deepcopy-gen=package
// +k8s:defaulter-gen=TypeMeta
// +k8s:conversion-gen=example.com/demo/pkg/apis/example
// +k8s:openapi-gen=true
// +k8s:openapi-model-package=com.example.demo.pkg.apis.example.v2
// +groupName=example

// Package v2 is version v2 of the API group example, as clients see it.
package v2
