package departures

import (
	genericapiserver "k8s.io/apiserver/pkg/server"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// NarrowOpenAPI gives a server in the chain the definitions of its own types to build its documents from, in place of
// those of all of Kubernetes, which take 35 ms of a start to make
// (k8s.io/kubernetes/pkg/controlplane/apiserver/apiextensions.go:44, k8s.io/kubernetes/pkg/controlplane/apiserver/aggregator.go:62:
// the configuration is a copy of kube-apiserver's). The documents are the same.
func NarrowOpenAPI(config *genericapiserver.Config, definitions openapicommon.GetOpenAPIDefinitions) {
	v2, v3 := *config.OpenAPIConfig, *config.OpenAPIV3Config
	v2.GetDefinitions, v3.GetDefinitions = definitions, definitions
	v3.Definitions = definitions(func(name string) spec.Ref {
		named, _ := v3.GetDefinitionName(name)
		return spec.MustCreateRef("#/components/schemas/" + openapicommon.EscapeJsonPointer(named))
	})
	config.OpenAPIConfig, config.OpenAPIV3Config = &v2, &v3
}
