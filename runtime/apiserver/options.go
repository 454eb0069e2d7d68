package apiserver

import (
	"net"
	"net/http"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	authorizerunion "k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/apiserver/pkg/registry/generic"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/rest"
	openapicommon "k8s.io/kube-openapi/pkg/common"
)

// Group is an API group that a server serves, or a resource of one that is not the project's.
type Group struct {
	// Install registers the group's types, internal and external, in the scheme.
	Install func(*runtime.Scheme)
	// NewRESTStorage returns the storage of the group's resources, by version. Nil for a group that is known only.
	NewRESTStorage func(*runtime.Scheme, generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error)
	// Resource is one of another API, in place of the two above.
	Resource *Resource
}

// Options say what a server is made of. The name, the listener, the certificates and the
// storage are needed.
type Options struct {
	// Name stands in logs and in the title of the OpenAPI document.
	Name string
	// Listener is where the server serves; it closes it.
	Listener net.Listener
	// ServingCert and ServingKey are PEM; ClientCA is the PEM of the authorities of client certificates.
	// Server.SetCertificates replaces them.
	ServingCert, ServingKey, ClientCA []byte
	// Groups are what it serves, OpenAPI the generated definitions of their types. No groups is a server too.
	Groups  []Group
	OpenAPI openapicommon.GetOpenAPIDefinitions
	// Storage is where the objects live.
	Storage Storage
	// GarbageCollection says that a garbage collector works on this server: foreground and orphan deletion then wait
	// for it to remove their finalizers.
	GarbageCollection bool
	// Authenticators are asked after client certificates.
	Authenticators []authenticator.Request
	// Authorizers are asked after the administrators' group, which may do everything. Nobody else may do anything
	// that none of them allows.
	Authorizers []authorizerunion.NamedAuthorizer
	// Admission are plugins that are asked after those of resources, in order.
	Admission []AdmissionPlugin
	// Paths are answered beside the API, for those whom authorizers let. They are in no list.
	Paths map[string]http.Handler
}

// AdmissionPlugin is an admission plugin that is made once the server's configuration is.
type AdmissionPlugin struct {
	Name string
	// New makes it. loopback is for requests to the server itself, which answers them once it runs.
	New func(loopback *rest.Config) (admission.Interface, error)
}

// AddPaths makes a server answer paths of its own.
func AddPaths(server *genericapiserver.GenericAPIServer, paths map[string]http.Handler) {
	for path, handler := range paths {
		server.Handler.NonGoRestfulMux.UnlistedHandle(path, handler)
	}
}

// Storage is what the server needs of a store; runtime/storage has it.
type Storage interface {
	Decorator() generic.StorageDecorator
	// UncachedDecorator is for resources without a watch cache.
	UncachedDecorator() generic.StorageDecorator
}
