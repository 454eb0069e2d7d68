// Package apiserver lists the API groups that this control plane serves.
package apiserver

import (
	wardleinstall "example.com/wardle/pkg/apis/wardle/install"
	"example.com/wardle/pkg/generated/openapi"
	wardleregistry "example.com/wardle/pkg/registry/wardle"
	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// Groups returns the API groups that this control plane serves.
func Groups() controlplane.Part {
	return controlplane.Groups{
		OpenAPI: openapi.GetOpenAPIDefinitions,
		Groups: []apiserver.Group{
			{Install: wardleinstall.Install, NewRESTStorage: wardleregistry.NewRESTStorage},
		},
	}
}
