package controlplane

import (
	"slices"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// Needs is the part that serves resources of the built-in API which other parts cannot be without, such as a controller's leases. Those
// that the control plane serves anyhow it leaves alone, whichever part comes first.
type Needs []apiserver.Group

// Apply implements Part.
func (n Needs) Apply(c *Config) error {
	c.needs = append(c.needs, n...)
	return nil
}

// serveNeeds adds to the groups what is needed and not there. The whole built-in API has all of it.
func (c *Config) serveNeeds() {
	if c.NewServer != nil {
		return
	}
	for _, need := range c.needs {
		if !slices.ContainsFunc(c.Groups, func(g apiserver.Group) bool { return sameResource(g.Resource, need.Resource) }) {
			c.Groups = append(c.Groups, need)
		}
	}
}

func sameResource(a, b *apiserver.Resource) bool {
	return a != nil && b != nil && a.Name == b.Name && a.Versions[0].Group == b.Versions[0].Group
}
