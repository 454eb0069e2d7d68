package departures

import (
	"maps"
	_ "unsafe" // for go:linkname

	"k8s.io/apimachinery/pkg/runtime/schema"
	_ "k8s.io/kubernetes/cmd/kube-apiserver/app" // sets the table
	controlplaneapiserver "k8s.io/kubernetes/pkg/controlplane/apiserver"
)

// apiVersionPriorities is a table of upstream's that is not exported: k8s.io/kubernetes/cmd/kube-apiserver/app/aggregator.go:32.
// It saves no time, but a second table.
//
//go:linkname apiVersionPriorities k8s.io/kubernetes/cmd/kube-apiserver/app.apiVersionPriorities
var apiVersionPriorities map[schema.GroupVersion]controlplaneapiserver.APIServicePriority

// APIServicePriorities returns how kube-apiserver ranks the versions of its groups, in a map of the caller's own.
func APIServicePriorities() map[schema.GroupVersion]controlplaneapiserver.APIServicePriority {
	return maps.Clone(apiVersionPriorities)
}
