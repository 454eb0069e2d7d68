package controlplane

import (
	"context"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/rest"
	openapicommon "k8s.io/kube-openapi/pkg/common"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// Part is a piece of a control plane. It says what it is by adding to the configuration.
type Part interface {
	Apply(*Config) error
}

// Config is what parts add to. Nothing in it has started.
type Config struct {
	// OpenAPI are the generated definitions of the groups' types.
	OpenAPI openapicommon.GetOpenAPIDefinitions
	// Groups are the API groups that the server serves.
	Groups []apiserver.Group
	// Authenticators are asked after client certificates, Authorizers after the administrators' group.
	Authenticators []authenticator.Request
	Authorizers    []authorizer.Authorizer
	// GarbageCollection says that one of the components collects garbage.
	GarbageCollection bool
	// Components run beside the server. They are started in order once it is ready, and stopped in reverse before it.
	Components []Component
}

// Component works against the API server: a controller, a scheduler, a kubelet.
type Component interface {
	Name() string
	// Run works until ctx ends. An error before that stops the control plane.
	Run(ctx context.Context, client *rest.Config) error
}

// Groups is the part that serves API groups.
type Groups struct {
	OpenAPI openapicommon.GetOpenAPIDefinitions
	Groups  []apiserver.Group
}

// Apply adds the groups to the server. Definitions of several parts are merged.
func (g Groups) Apply(c *Config) error {
	c.Groups = append(c.Groups, g.Groups...)
	before := c.OpenAPI
	if before == nil || g.OpenAPI == nil {
		if before == nil {
			c.OpenAPI = g.OpenAPI
		}
		return nil
	}
	c.OpenAPI = func(ref openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
		all := before(ref)
		for name, definition := range g.OpenAPI(ref) {
			all[name] = definition
		}
		return all
	}
	return nil
}
