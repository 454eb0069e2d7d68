// +k8s:deepcopy-gen=package
// +k8s:defaulter-gen=TypeMeta
// +k8s:conversion-gen=example.com/wardle/pkg/apis/wardle
// +k8s:openapi-gen=true
// +k8s:openapi-model-package=com.example.wardle.pkg.apis.wardle.v1alpha1
// +groupName=wardle.example.com

// Package v1alpha1 is version v1alpha1 of the API group wardle.example.com, as clients see it.
package v1alpha1
