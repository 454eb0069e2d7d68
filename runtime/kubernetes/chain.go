package kubernetes

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apiserver"
	extensionsopenapi "k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericapifilters "k8s.io/apiserver/pkg/endpoints/filters"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/util/notfoundhandler"
	"k8s.io/apiserver/pkg/util/webhook"
	aggregator "k8s.io/kube-aggregator/pkg/apiserver"
	aggregatoropenapi "k8s.io/kube-aggregator/pkg/generated/openapi"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	kubeoptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/pkg/controlplane"
	controlplaneapiserver "k8s.io/kubernetes/pkg/controlplane/apiserver"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	kubecraft "github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/internal/departures"
)

// configs are those of the servers in the chain.
type configs struct {
	kube       *controlplane.Config
	extensions *apiextensions.Config
	aggregator *aggregator.Config
}

// newConfigs does what NewConfig in k8s.io/kubernetes/cmd/kube-apiserver/app does once it has the generic configuration.
func newConfigs(o kubecraft.ServerOptions, options kubeoptions.CompletedOptions, generic *departures.Generic) (*configs, error) {
	kube, services, initializers, err := app.CreateKubeAPIServerConfig(options, generic.Config, generic.Informers, generic.Storage)
	if err != nil {
		return nil, err
	}
	dialNodes(&kube.Extra.KubeletClientConfig, o.DialNode)
	extra := kube.ControlPlane.Extra
	webhooks := webhook.NewDefaultAuthenticationInfoResolverWrapper(extra.ProxyTransport, generic.Config.EgressSelector, generic.Config.LoopbackClientConfig, generic.Config.TracerProvider)
	extensions, err := controlplaneapiserver.CreateAPIExtensionsConfig(*generic.Config, extra.VersionedInformers, initializers, options.CompletedOptions, options.MasterCount, services, webhooks)
	if err != nil {
		return nil, err
	}
	if extensions.GenericConfig.RESTOptionsGetter, err = newInStore(extensions.GenericConfig.RESTOptionsGetter, o.Store, options.Etcd); err != nil {
		return nil, err
	}
	if extensions.ExtraConfig.CRDRESTOptionsGetter, err = newInStore(extensions.ExtraConfig.CRDRESTOptionsGetter, o.Store, options.Etcd); err != nil {
		return nil, err
	}
	front, err := controlplaneapiserver.CreateAggregatorConfig(*generic.Config, options.CompletedOptions, extra.VersionedInformers, services, extra.ProxyTransport, extra.PeerProxy, initializers)
	if err != nil {
		return nil, err
	}
	if front.GenericConfig.RESTOptionsGetter, err = newInStore(front.GenericConfig.RESTOptionsGetter, o.Store, options.Etcd); err != nil {
		return nil, err
	}
	departures.NarrowOpenAPI(&extensions.GenericConfig.Config, extensionsopenapi.GetOpenAPIDefinitions)
	departures.NarrowOpenAPI(&front.GenericConfig.Config, aggregatoropenapi.GetOpenAPIDefinitions)
	return &configs{kube: kube, extensions: extensions, aggregator: front}, nil
}

// chain makes the servers, the last one first, as CreateServerChain in k8s.io/kubernetes/cmd/kube-apiserver/app does it
// without the project's groups. It returns what the aggregator is to register.
func (s *server) chain(o kubecraft.ServerOptions, c *configs) (*departures.Registrations, error) {
	generic := c.kube.ControlPlane.Generic
	notFound := notfoundhandler.New(generic.Serializer, genericapifilters.NoMuxAndDiscoveryIncompleteKey)
	extensions, err := c.extensions.Complete().New(genericapiserver.NewEmptyDelegateWithCustomHandler(notFound))
	if err != nil {
		return nil, err
	}
	next := genericapiserver.DelegationTarget(departures.CustomResources{DelegationTarget: extensions.GenericAPIServer})
	priorities := departures.APIServicePriorities()
	if len(o.Groups) > 0 {
		if s.own, err = apiserver.NewConfigBeside(*generic, o.Options).NewWithDelegate(next); err != nil {
			return nil, err
		}
		rankOwn(priorities, s.own)
		next = s.own.Generic
	}
	generic.SkipOpenAPIInstallation = true // not in the copies that the other servers' configurations are
	kube, err := c.kube.Complete().New(next)
	if err != nil {
		return nil, err
	}
	apiserver.InstallOpenAPI(kube.ControlPlane.GenericAPIServer, generic.OpenAPIConfig, generic.OpenAPIV3Config)
	crds := c.extensions.GenericConfig.MergedResourceConfig.ResourceEnabled(apiextensionsv1.SchemeGroupVersion.WithResource("customresourcedefinitions"))
	s.aggregator, err = controlplaneapiserver.CreateAggregatorServer(c.aggregator.Complete(), kube.ControlPlane.GenericAPIServer,
		extensions.Informers.Apiextensions().V1().CustomResourceDefinitions(), crds, priorities)
	if err != nil {
		return nil, err
	}
	s.aggregator.GenericAPIServer.RegisterDestroyFunc(s.close)
	s.informers = []informerFactory{c.kube.ControlPlane.Extra.VersionedInformers, extensions.Informers, s.aggregator.APIRegistrationInformers}
	return &departures.Registrations{Paths: kube.ControlPlane.GenericAPIServer.ListedPaths(), Priorities: priorities}, nil
}

// ownPriority ranks the project's groups: before custom resources, which have 1000
// (k8s.io/kubernetes/pkg/controlplane/controller/crdregistration), and after what is built in.
const ownPriority = 2000

// rankOwn lets the aggregator serve the project's groups, their versions in the order that the project has chosen.
func rankOwn(priorities map[schema.GroupVersion]controlplaneapiserver.APIServicePriority, own *apiserver.Server) {
	for group, versions := range own.Versions() {
		for i, version := range versions {
			priorities[schema.GroupVersion{Group: group, Version: version}] = controlplaneapiserver.APIServicePriority{
				Group: ownPriority, Version: int32(len(versions) - i),
			}
		}
	}
}
