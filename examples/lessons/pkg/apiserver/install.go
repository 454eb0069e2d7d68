// Package apiserver lists the API groups that this control plane serves.
package apiserver

import (
	exampleinstall "example.com/lessons/pkg/apis/example/install"
	"example.com/lessons/pkg/generated/openapi"
	exampleregistry "example.com/lessons/pkg/registry/example"
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
