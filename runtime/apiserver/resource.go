package apiserver

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/client-go/rest"
	openapicommon "k8s.io/kube-openapi/pkg/common"
)

// Resource is a resource whose types are not the project's but another API's, such as one of those that are built into
// Kubernetes: runtime/kubernetes has a package for each. They stand in a scheme of their own, and may share their group
// with others.
type Resource struct {
	// Name is the plural, as in URLs. Versions are where it is served, each with the same storage.
	Name     string
	Versions []schema.GroupVersion
	Types    Types
	// StoredIn is the folder of its objects in the store, below /registry; Name if empty. Uncached says that there is to be
	// no watch cache of them.
	StoredIn string
	Uncached bool
	// NewStorage returns what serves the resource and its subresources, by path: "nodes", "nodes/status".
	NewStorage func(ResourceOptions) (map[string]genericregistry.Storage, error)
	// Configure adds what the resource needs beside its storage to the server that serves it. Nil adds nothing.
	Configure func(Configuration) error
}

// Configuration is what a resource may change of its server: a part of genericapiserver.Config. All of it here would have
// every package that names a Resource, such as a project's, compile generic code for every informer of client-go.
type Configuration interface {
	// Loopback is for requests to the server itself, which answers them once it runs.
	Loopback() *rest.Config
	// AddAdmission adds a plugin, which is asked after those that are there.
	AddAdmission(admission.Interface)
	// AddPostStartHook has hook called once the server runs, until ctx ends. The server is ready when it has returned.
	AddPostStartHook(name string, hook func(ctx context.Context) error) error
}

// configuration implements Configuration.
type configuration struct{ generic *genericapiserver.Config }

func (c configuration) Loopback() *rest.Config { return c.generic.LoopbackClientConfig }

func (c configuration) AddAdmission(plugin admission.Interface) {
	if there := c.generic.AdmissionControl; there != nil {
		plugin = admission.NewChainHandler(there, plugin)
	}
	c.generic.AdmissionControl = plugin
}

func (c configuration) AddPostStartHook(name string, hook func(context.Context) error) error {
	return c.generic.AddPostStartHook(name, func(ctx genericapiserver.PostStartHookContext) error {
		if err := hook(ctx); ctx.Err() == nil {
			return err
		}
		return nil // upstream would end the process
	})
}

// Types are those of an API.
type Types struct {
	// Scheme knows them, ParameterCodec decodes the options of requests.
	Scheme         *runtime.Scheme
	ParameterCodec runtime.ParameterCodec
	// OpenAPI describes them.
	OpenAPI openapicommon.GetOpenAPIDefinitions
}

// ResourceOptions are what a resource's storage is made from.
type ResourceOptions struct {
	RESTOptions generic.RESTOptionsGetter
	// Loopback is for requests to the server itself, which answers them once it runs.
	Loopback *rest.Config
}

// folder is where the resource's objects lie in the store, as the prefix of their keys.
func (r *Resource) folder() string { return keyPrefix + "/" + cmp.Or(r.StoredIn, r.Name) + "/" }

// resources returns those among the groups.
func resources(groups []Group) []*Resource {
	var all []*Resource
	for _, g := range groups {
		if g.Resource != nil {
			all = append(all, g.Resource)
		}
	}
	return all
}

// typesOf returns the types of resources, of each scheme once.
func typesOf(all []*Resource) []Types {
	var types []Types
	for _, r := range all {
		if !slices.ContainsFunc(types, func(t Types) bool { return t.Scheme == r.Types.Scheme }) {
			types = append(types, r.Types)
		}
	}
	return types
}

// resourceGroups makes the storage of the resources, put together by group: the legacy group, which has no name, first.
func (c *Config) resourceGroups() (infos []*genericapiserver.APIGroupInfo, err error) {
	byName := map[string]*genericapiserver.APIGroupInfo{}
	served := map[schema.GroupVersion]bool{}
	for _, r := range resources(c.groups) {
		storage, err := r.NewStorage(ResourceOptions{RESTOptions: c.restOptionsOf(r), Loopback: c.Generic.LoopbackClientConfig})
		if err != nil {
			return nil, fmt.Errorf("storage of %s: %w", r.Name, err)
		}
		for _, gv := range r.Versions {
			if !r.Types.Scheme.IsVersionRegistered(gv) {
				return nil, fmt.Errorf("storage of %s: %s is not registered in their scheme: is the group's install package imported?", r.Name, gv)
			}
			info := byName[gv.Group]
			if info == nil {
				made := genericapiserver.NewDefaultAPIGroupInfo(gv.Group, r.Types.Scheme, r.Types.ParameterCodec, serializer.NewCodecFactory(r.Types.Scheme))
				info = &made
				byName[gv.Group] = info
				infos = append(infos, info)
			}
			served[gv] = true
			paths := info.VersionedResourcesStorageMap[gv.Version]
			if paths == nil {
				paths = map[string]genericregistry.Storage{}
				info.VersionedResourcesStorageMap[gv.Version] = paths
			}
			for path, s := range storage {
				if paths[path] != nil {
					return nil, fmt.Errorf("%s in %s are listed twice among the groups that are served", r.Name, gv)
				}
				paths[path] = s
			}
		}
	}
	for _, info := range infos {
		info.PrioritizedVersions = slices.DeleteFunc(slices.Clone(info.PrioritizedVersions), func(gv schema.GroupVersion) bool { return !served[gv] })
	}
	slices.SortStableFunc(infos, func(a, b *genericapiserver.APIGroupInfo) int {
		return cmp.Compare(min(len(groupOf(a)), 1), min(len(groupOf(b)), 1))
	})
	return infos, nil
}

// groupOf returns the name of a group that has versions.
func groupOf(info *genericapiserver.APIGroupInfo) string { return info.PrioritizedVersions[0].Group }

// resourceRESTOptions store one resource as kube-apiserver does: in the same place, version and encoding, so that what is
// stored stays when the whole built-in API takes its place.
type resourceRESTOptions struct {
	*restOptions
	resource *Resource
	encoding serverstorage.ResourceEncodingConfig
}

func (c *Config) restOptionsOf(r *Resource) *resourceRESTOptions {
	return &resourceRESTOptions{
		restOptions: c.rest,
		resource:    r,
		encoding:    serverstorage.NewDefaultResourceEncodingConfigForEffectiveVersion(r.Types.Scheme, c.Generic.EffectiveVersion),
	}
}

// GetRESTOptions implements generic.RESTOptionsGetter.
func (o *resourceRESTOptions) GetRESTOptions(resource schema.GroupResource, example runtime.Object) (generic.RESTOptions, error) {
	factory := serverstorage.NewDefaultStorageFactory(*storagebackend.NewDefaultConfig(keyPrefix, nil), runtime.ContentTypeProtobuf,
		serializer.NewCodecFactory(o.resource.Types.Scheme), o.encoding, serverstorage.NewResourceConfig(), nil)
	config, err := factory.NewConfig(resource, example)
	if err != nil {
		return generic.RESTOptions{}, err
	}
	options := o.options(resource, config)
	options.ResourcePrefix = cmp.Or(o.resource.StoredIn, resource.Resource)
	if o.resource.Uncached {
		options.Decorator = o.uncached
	}
	return options, nil
}
