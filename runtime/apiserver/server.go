package apiserver

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/emicklei/go-restful/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/storage/value"
	"k8s.io/client-go/rest"
)

// shutdownTimeout is how long connections may take to close after a stop. Requests that are under way come before it:
// upstream waits for them, up to the time limit of a request (a minute), which cuts those that hang.
const shutdownTimeout = 5 * time.Second

// Server is made and not yet running.
type Server struct {
	Generic *genericapiserver.GenericAPIServer
	scheme  *runtime.Scheme
	// resources are those of other schemes.
	resources []*Resource
	certs     *Certificates
	infos     []*genericapiserver.APIGroupInfo
	// prefixes are where what is stored is the server's; transformers decrypt it, if there are any.
	prefixes     []string
	transformers value.ResourceTransformers
}

// New makes the server and installs its groups.
func (c *Config) New() (*Server, error) {
	s, err := c.NewWithDelegate(genericapiserver.NewEmptyDelegate())
	if err != nil {
		return nil, err
	}
	s.Generic.ShutdownTimeout = shutdownTimeout
	AddPaths(s.Generic, c.paths)
	return s, nil
}

// NewWithDelegate makes the server and installs its groups. What it does not serve is left to another one.
func (c *Config) NewWithDelegate(next genericapiserver.DelegationTarget) (*Server, error) {
	generic, err := c.Generic.Complete(nil).New(c.name, next)
	if err != nil {
		return nil, err
	}
	if others := resources(c.groups); c.beside && len(others) > 0 {
		return nil, fmt.Errorf("%s are served by the whole built-in API already: take them out of pkg/apiserver/install.go", others[0].Name)
	}
	others, err := c.resourceGroups()
	if err != nil {
		return nil, err
	}
	if err := installResources(generic, others); err != nil {
		return nil, err
	}
	var infos []*genericapiserver.APIGroupInfo
	for _, g := range c.groups {
		if g.NewRESTStorage == nil {
			continue
		}
		info, err := g.NewRESTStorage(c.scheme, c.Generic.RESTOptionsGetter)
		if err != nil {
			return nil, fmt.Errorf("storage of an API group: %w", err)
		}
		if len(info.PrioritizedVersions) > 0 && slices.ContainsFunc(others, func(other *genericapiserver.APIGroupInfo) bool { return groupOf(other) == groupOf(&info) }) {
			return nil, fmt.Errorf("the API group %s is served twice, as the project's and as Kubernetes' own: give the project's another name", groupOf(&info))
		}
		protobufOnlyIfSpoken(&info)
		infos = append(infos, &info)
	}
	if len(infos) > 0 {
		if err := generic.InstallAPIGroups(infos...); err != nil {
			return nil, err
		}
		rankVersions(generic, infos, groupPriority)
	}
	if c.beside {
		leaveVersion(generic.Handler.GoRestfulContainer)
	}
	InstallOpenAPI(generic, c.Generic.OpenAPIConfig, c.Generic.OpenAPIV3Config)
	s := &Server{Generic: generic, scheme: c.scheme, resources: resources(c.groups), certs: c.certs, infos: infos, prefixes: []string{keyPrefix + "/"}, transformers: c.Generic.ResourceTransformers}
	if c.beside {
		s.prefixes = nil
		for group := range s.Versions() {
			s.prefixes = append(s.prefixes, keyPrefix+"/"+group+"/")
		}
	}
	return s, nil
}

// leaveVersion takes /version out of a server that stands behind another one, which answers it. Of two that describe it upstream's
// aggregator shows either, by chance (handleGroupVersion in k8s.io/kube-aggregator/pkg/controllers/openapiv3/aggregator).
func leaveVersion(container *restful.Container) {
	for _, service := range container.RegisteredWebServices() {
		if service.RootPath() == "/version" {
			_ = container.Remove(service) // it is there, and nothing is served yet
		}
	}
}

// Versions returns the versions of each group that is served, the preferred one first.
func (s *Server) Versions() map[string][]string {
	all := map[string][]string{}
	for _, info := range s.infos {
		for _, version := range info.PrioritizedVersions {
			if len(info.VersionedResourcesStorageMap[version.Version]) > 0 {
				all[version.Group] = append(all[version.Group], version.Version)
			}
		}
	}
	return all
}

// Loopback is for requests of this process: an administrator's, which need no connection.
func (s *Server) Loopback() *rest.Config { return s.Generic.LoopbackClientConfig }

// Health answers for the server's health, by upstream's paths, to everybody.
func (s *Server) Health() http.Handler { return s.Generic.Handler.NonGoRestfulMux }

// CanCutOff says whether a post start hook may be running when the server is to end. Here all may: upstream's generic ones do not fail, and
// those of resources are not heard then.
func (s *Server) CanCutOff(string) bool { return true }

// Destroy frees what a server holds that is never to run.
func (s *Server) Destroy() { s.Generic.Destroy() }

// SetCertificates replaces the serving certificate and the authorities of client certificates, all PEM. Connections that
// are open stay.
func (s *Server) SetCertificates(cert, key, clientCA []byte) error {
	return s.certs.Set(cert, key, clientCA)
}

// installResources serves the groups of resources, before the project's.
func installResources(generic *genericapiserver.GenericAPIServer, infos []*genericapiserver.APIGroupInfo) error {
	if len(infos) > 0 && groupOf(infos[0]) == "" {
		if err := generic.InstallLegacyAPIGroup(genericapiserver.DefaultLegacyAPIPrefix, infos[0]); err != nil {
			return err
		}
		infos = infos[1:]
	}
	if len(infos) == 0 {
		return nil
	}
	rankVersions(generic, infos, 2*groupPriority)
	return generic.InstallAPIGroups(infos...)
}

// groupPriority is what upstream gives a group that says nothing of its own (discovery/aggregated/handler.go). Where a name
// is that of several resources, kubectl takes the one in the group that ranks highest.
const groupPriority = 1000

// rankVersions makes aggregated discovery, which clients of today ask, prefer the versions that the scheme prefers, as the
// older documents do: by itself it goes by their names.
func rankVersions(generic *genericapiserver.GenericAPIServer, infos []*genericapiserver.APIGroupInfo, priority int) {
	if generic.AggregatedDiscoveryGroupManager == nil {
		return
	}
	for _, info := range infos {
		for i, version := range info.PrioritizedVersions {
			rank := len(info.PrioritizedVersions) - i
			generic.AggregatedDiscoveryGroupManager.SetGroupVersionPriority(metav1.GroupVersion(version), priority, rank)
		}
	}
}

// Run serves until ctx ends, then lets requests that are under way end.
func (s *Server) Run(ctx context.Context) error {
	return s.Generic.PrepareRun().RunWithContext(ctx)
}
