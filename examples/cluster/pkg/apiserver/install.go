// Package apiserver lists the API groups that this control plane serves.
package apiserver

import (
	exampleinstall "example.com/demo/pkg/apis/example/install"
	"example.com/demo/pkg/generated/openapi"
	exampleregistry "example.com/demo/pkg/registry/example"
	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// Groups returns the API groups that this control plane serves.
func Groups() controlplane.Part {
	return controlplane.Groups{
		OpenAPI: openapi.GetOpenAPIDefinitions,
		Groups: []apiserver.Group{
			{Install: exampleinstall.Install, NewRESTStorage: exampleregistry.NewRESTStorage},
		},
	}
}
