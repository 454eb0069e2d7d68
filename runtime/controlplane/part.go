package controlplane

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"reflect"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/client/v3/kubernetes"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	authorizerunion "k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/client-go/rest"
	openapicommon "k8s.io/kube-openapi/pkg/common"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/storage"
)

// Part is a piece of a control plane. It says what it is by adding to the configuration.
type Part interface {
	Apply(*Config) error
}

// Optional is a part that a program's user can leave out, by its name, and set with flags.
type Optional interface {
	Part
	Name() string
	AddFlags(*pflag.FlagSet)
}

// Config is what parts add to. Nothing in it has started.
type Config struct {
	// OpenAPI are the generated definitions of the groups' types.
	OpenAPI openapicommon.GetOpenAPIDefinitions
	// Groups are the API groups that the server serves.
	Groups []apiserver.Group
	// Authenticators are asked after client certificates, Authorizers after the administrators' group.
	Authenticators []authenticator.Request
	Authorizers    []authorizerunion.NamedAuthorizer
	// Admission are plugins for all that is written, of whatever type. Those that change objects are asked first, in order.
	Admission []apiserver.AdmissionPlugin
	// GarbageCollection says that one of the components collects garbage.
	GarbageCollection bool
	// NewServer makes the API server. The one of runtime/apiserver, which serves Groups alone, if nil.
	NewServer func(ServerOptions) (Server, error)
	// CheckArgs says what is wrong with kube-apiserver's flags, before anything is written, and which hosts the serving
	// certificate must have because of them. Nil takes none.
	CheckArgs func(args []string) (hosts []string, err error)
	// DialNode connects to a node's kubelet that is in this process. For an address of another node it returns nil. May be nil.
	DialNode DialNode
	// Hosts are names and addresses that the serving certificate must have, beside those that the server listens on.
	Hosts []string
	// Users have a certificate each, and a kubeconfig beside the administrator's: NAME.kubeconfig in the folder of
	// certificates. What they may do is for the authorizers to say.
	Users []string
	// ControllerManager says that one of the components runs all controllers, so that the server's part leaves out its own few.
	ControllerManager bool
	// NewComponents make components that share what the server has, such as its informers. Each is called once the server is
	// made, and may return nil. They are started before Components.
	NewComponents []func(Server) (Component, error)
	// Components run beside the server. They are started in order once it is ready, and stopped in reverse before it.
	Components []Component
	// Closers are called when the control plane has ended, and when it could not start.
	Closers []func()

	needs  []apiserver.Group
	shared map[reflect.Type]any
}

// Shared returns what parts have in common that ask for the same type, and whether this is the first to ask: it is empty then.
func Shared[T any](c *Config) (shared *T, first bool) {
	if there, ok := c.shared[reflect.TypeFor[T]()]; ok {
		return there.(*T), false
	}
	if c.shared == nil {
		c.shared = map[reflect.Type]any{}
	}
	shared = new(T)
	c.shared[reflect.TypeFor[T]()] = shared
	return shared, true
}

// DialNode connects to the kubelet of a node in this process, by the node's name or address and the kubelet's port.
type DialNode func(ctx context.Context, address string) (net.Conn, error)

// ServerOptions say what an API server is made of.
type ServerOptions struct {
	apiserver.Options
	// Store is where its objects live.
	Store *storage.Store
	// Etcd are the endpoints by which the store is reached as an etcd.
	Etcd []string
	// Data is the folder of the database, PKI that of certificates and keys. Data is empty if there is none.
	Data, PKI string
	// Args are kube-apiserver's flags, as a user has given them.
	Args []string
	// DialNode is Config.DialNode.
	DialNode DialNode
	// OwnsProcess says that there is nothing else in the process, so that its heap may be seen to.
	OwnsProcess bool
}

// Server is an API server that is made and not yet running. Types that name upstream's are kept out of it: whatever names a
// Part, such as a project's main.go, would be compiled with all that those name.
type Server interface {
	// Loopback is for requests of this process: an administrator's, which need no connection.
	Loopback() *rest.Config
	// Health answers for the server's health, by its paths, to everybody.
	Health() http.Handler
	// Run serves until ctx ends, then lets requests that are under way end.
	Run(ctx context.Context) error
	// CanCutOff says whether the post start hook of a name may be running when the context of Run ends. Most of upstream's fail then, which ends the
	// process.
	CanCutOff(hook string) bool
	// Destroy frees what a server holds that is never to run.
	Destroy()
	// SetCertificates replaces the serving certificate and the authorities of client certificates, all PEM.
	SetCertificates(cert, key, clientCA []byte) error
	// FindStale reads what is stored of the project's own types and counts what has changed types since, or has no types here.
	FindStale(ctx context.Context, store kubernetes.Interface) (apiserver.Stale, error)
}

func (c *Config) checkArgs(args []string) error {
	if c.CheckArgs == nil {
		if len(args) > 0 {
			return &UsageError{fmt.Sprintf("unknown flag: %s", args[0])}
		}
		return nil
	}
	hosts, err := c.CheckArgs(args)
	c.Hosts = append(c.Hosts, hosts...)
	return err
}

// newServer makes the API server that c asks for, and appends to c's components those that need it.
func (c *Config) newServer(o ServerOptions) (Server, error) {
	newServer := c.NewServer
	if newServer == nil {
		newServer = newOwnServer
	}
	server, err := newServer(o)
	if err != nil {
		return nil, err
	}
	var components []Component
	for _, newComponent := range c.NewComponents {
		component, err := newComponent(server)
		if err != nil {
			server.Destroy()
			return nil, err
		}
		if component != nil {
			components = append(components, component)
		}
	}
	c.Components = append(components, c.Components...)
	return server, nil
}

// newOwnServer makes a server of the project's groups.
func newOwnServer(o ServerOptions) (Server, error) {
	config, err := apiserver.NewConfig(o.Options)
	if err != nil {
		return nil, err
	}
	server, err := config.New()
	if err != nil {
		return nil, err
	}
	return server, nil
}

// Component works against the API server: a controller, a scheduler, a kubelet. One that has a method Settled() bool is waited for by
// ControlPlane.WaitSettled until that returns true.
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
