package resource

import (
	"k8s.io/gengo/v2/namer"
	"k8s.io/gengo/v2/types"
)

// Pluralize returns the resource name that the client generators derive from a kind, so that generated clients and the
// served API agree: all lower case, Policy becomes policies, Bus becomes buses.
func Pluralize(kind string) string {
	return namer.NewAllLowercasePluralNamer(nil).Name(&types.Type{Name: types.Name{Name: kind}})
}
