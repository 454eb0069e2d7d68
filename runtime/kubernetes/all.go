package kubernetes

import (
	"github.com/kubecraft/kubecraft/runtime/controllers/essential"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// developer is a user whom no role is bound to at first.
const developer = "developer"

// All is the part that serves the whole built-in API. The project's own groups stand beside it, under the same
// authentication, authorization and admission.
func All() controlplane.Part { return all{} }

type all struct {
	asUpstream bool // the first start, in tests
}

// Apply implements controlplane.Part.
func (a all) Apply(c *controlplane.Config) error {
	c.NewServer = a.newServer
	c.NewComponents = append(c.NewComponents, func(s controlplane.Server) (controlplane.Component, error) {
		own, ok := s.(interface{ Essential() essential.Controllers })
		if !ok || c.ControllerManager {
			return nil, nil
		}
		return own.Essential(), nil
	})
	c.CheckArgs = checkArgs
	c.GarbageCollection = true
	c.Users = append(c.Users, developer)
	c.Hosts = append(c.Hosts, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	return nil
}
