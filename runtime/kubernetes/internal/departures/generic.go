package departures

import (
	"fmt"
	"net/http"
	goruntime "runtime"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/runtime/serializer/cbor"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/endpoints/discovery/aggregated"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	genericfeatures "k8s.io/apiserver/pkg/features"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/apiserver/pkg/server/filters"
	"k8s.io/apiserver/pkg/server/healthz"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/apiserver/pkg/util/openapi"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	kubeoptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	controlplaneapiserver "k8s.io/kubernetes/pkg/controlplane/apiserver"
	"k8s.io/kubernetes/pkg/kubeapiserver"
	rbacrest "k8s.io/kubernetes/pkg/registry/rbac/rest"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/storage"
)

// resync is how often the server's informers hand out again what they have, as upstream's do.
const resync = 10 * time.Minute

// userAgent is that of the server's requests of itself: the manager of the fields that they set is named by it.
const userAgent = "kube-apiserver/" + apiserver.KubernetesVersion + " (" + goruntime.GOOS + "/" + goruntime.GOARCH + ") kubernetes"

// Generic is what BuildGenericConfig returns.
type Generic struct {
	Config    *genericapiserver.Config
	Informers informers.SharedInformerFactory
	Storage   *serverstorage.DefaultStorageFactory
	// RBAC says whether roles are asked.
	RBAC bool

	definitions chan map[string]openapicommon.OpenAPIDefinition
}

// WaitDefinitions returns when the types are described: servers are made from Config after it.
func (g *Generic) WaitDefinitions() { g.Config.OpenAPIV3Config.Definitions = <-g.definitions }

// GenericOptions are what BuildGenericConfig is given, and what of it is ours.
type GenericOptions struct {
	Upstream kubeoptions.CompletedOptions
	// Schemes, Resources and Definitions are of the API that is served.
	Schemes     []*runtime.Scheme
	Resources   *serverstorage.ResourceConfig
	Definitions openapicommon.GetOpenAPIDefinitions
	// ServingCert is the server's own.
	ServingCert dynamiccertificates.CertKeyContentProvider
	// Loopback carries the requests that the server makes of itself.
	Loopback http.RoundTripper
	// Store holds what is served.
	Store *storage.Store
	// InformerName names the server's informers in metrics. May be nil.
	InformerName *cache.InformerName
}

// NewGeneric does what BuildGenericConfig in k8s.io/kubernetes/pkg/controlplane/apiserver/config.go:122 does, by the
// same exported calls. It stands for it because that one makes the loopback client, and from it the client and the
// informers of everything else, before anybody could give it another. Here
//
//   - the loopback certificate has an ECDSA key, where k8s.io/apiserver/pkg/server/options/serving_with_loopback.go:77
//     makes two of RSA: 70 ms and more;
//   - the loopback client calls the server's handler: no TLS, no HTTP/2, for the hundreds of requests of a start;
//   - the definitions of all types are made beside the rest: 10 ms. See WaitDefinitions.
func NewGeneric(o GenericOptions) (*Generic, error) {
	s := o.Upstream.CompletedOptions
	codecs := legacyscheme.Codecs
	if utilfeature.DefaultFeatureGate.Enabled(genericfeatures.CBORServingAndStorage) {
		codecs = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.WithSerializer(cbor.NewSerializerInfo))
	}
	config := genericapiserver.NewConfig(codecs)
	config.Flagz = s.Flagz
	config.MergedResourceConfig = o.Resources
	if err := s.GenericServerRunOptions.ApplyTo(config); err != nil {
		return nil, err
	}
	config.EffectiveVersion = apiserver.Release(config.EffectiveVersion)
	if err := o.serve(config); err != nil {
		return nil, err
	}
	client, factory, err := o.clients(config)
	if err != nil {
		return nil, err
	}
	for _, apply := range []func() error{
		func() error { return s.Features.ApplyTo(config, client, factory) },
		func() error { return s.APIEnablement.ApplyTo(config, o.Resources, legacyscheme.Scheme) },
		func() error { return s.EgressSelector.ApplyTo(config) },
		func() error { return s.Traces.ApplyTo(config.EgressSelector, config) },
	} {
		if err := apply(); err != nil {
			return nil, err
		}
	}
	definitions := o.describe(config)
	config.LongRunningFunc = filters.BasicLongRunningRequestCheck(
		sets.NewString("watch", "proxy"),
		sets.NewString("attach", "exec", "proxy", "log", "portforward"),
	)

	resources, err := o.storage(config)
	if err != nil {
		return nil, err
	}
	rbac, err := o.secure(config, client, factory)
	if err != nil {
		return nil, err
	}
	if err := s.Audit.ApplyTo(config); err != nil {
		return nil, err
	}
	config.AggregatedDiscoveryGroupManager = aggregated.NewResourceManager("apis")
	return &Generic{Config: config, Informers: factory, Storage: resources, RBAC: rbac, definitions: definitions}, nil
}

// describe sets how the types are described, and begins to make the definitions.
func (o *GenericOptions) describe(config *genericapiserver.Config) chan map[string]openapicommon.OpenAPIDefinition {
	get := openapi.GetOpenAPIDefinitionsWithoutDisabledFeatures(o.Definitions)
	namer := openapinamer.NewDefinitionNamer(o.Schemes...)
	config.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(get, namer)
	config.OpenAPIConfig.Info.Title = "Kubernetes"
	none := func(openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition { return nil }
	config.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(none, namer)
	config.OpenAPIV3Config.GetDefinitions = get
	config.OpenAPIV3Config.Info.Title = "Kubernetes"
	made := make(chan map[string]openapicommon.OpenAPIDefinition, 1)
	go func() { made <- genericapiserver.DefaultOpenAPIV3Config(get, namer).Definitions }()
	return made
}

// serve sets where and with which certificates the server serves, and how it calls itself.
func (o *GenericOptions) serve(config *genericapiserver.Config) error {
	// Upstream follows certificate files with a queue that it never ends.
	options := *o.Upstream.SecureServing.SecureServingOptions
	options.ServerCert = genericoptions.GeneratableKeyCert{}
	if err := options.ApplyTo(&config.SecureServing); err != nil {
		return err
	}
	config.SecureServing.Cert = o.ServingCert
	loopback, err := apiserver.AddLoopback(config.SecureServing)
	if err != nil {
		return err
	}
	loopback.ContentType = runtime.ContentTypeProtobuf
	loopback.DisableCompression = true
	loopback.UserAgent = userAgent
	// As a wrapper, so that clients derived from this one may have certificates and authorities of their own.
	loopback.Wrap(func(http.RoundTripper) http.RoundTripper { return o.Loopback })
	config.LoopbackClientConfig = loopback
	expires := time.Now().Add(apiserver.LoopbackLifetime)
	check := healthz.NamedCheck("loopback-serving-certificate", func(*http.Request) error {
		if time.Now().After(expires) {
			return genericoptions.LoopbackCertificateExpiredError{}
		}
		return nil
	})
	config.AddHealthzChecks(check)
	config.AddLivezChecks(check)
	return nil
}

// clients returns the client and the informers that the server's parts share.
func (o *GenericOptions) clients(config *genericapiserver.Config) (*clientset.Clientset, informers.SharedInformerFactory, error) {
	client, err := clientset.NewForConfig(config.LoopbackClientConfig)
	if err != nil {
		return nil, nil, fmt.Errorf("loopback client: %w", err)
	}
	withoutManagedFields := func(object any) (any, error) {
		if accessor, err := meta.Accessor(object); err == nil && accessor.GetManagedFields() != nil {
			accessor.SetManagedFields(nil)
		}
		return object, nil
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, resync,
		informers.WithTransform(withoutManagedFields), informers.WithInformerName(o.InformerName))
	stored := Informers{Store: o.Store, Name: o.InformerName}
	for _, object := range []runtime.Object{&corev1.Pod{}, &corev1.Node{}} { // many, and asked for by admission plugins and authorizers
		newInformer, err := stored.NewCore(object)
		if err != nil {
			return nil, nil, err
		}
		factory.InformerFor(object, newInformer)
	}
	return client, factory, nil
}

// storage sets where resources are stored.
func (o *GenericOptions) storage(config *genericapiserver.Config) (*serverstorage.DefaultStorageFactory, error) {
	etcd := o.Upstream.Etcd
	if config.EgressSelector != nil {
		etcd.StorageConfig.Transport.EgressLookup = config.EgressSelector.Lookup
	}
	etcd.StorageConfig.Transport.TracerProvider = config.TracerProvider
	factory := kubeapiserver.NewStorageFactoryConfigEffectiveVersion(config.EffectiveVersion)
	factory.APIResourceConfig = config.MergedResourceConfig
	factory.DefaultResourceEncoding.SetEffectiveVersion(config.EffectiveVersion)
	resources, err := factory.Complete(etcd).New()
	if err != nil {
		return nil, err
	}
	resources.StorageConfig.StorageObjectCountTracker = config.StorageObjectCountTracker
	return resources, etcd.ApplyWithStorageFactoryTo(resources, config)
}

// secure sets who may come in, and who may do what. It says whether roles do.
func (o *GenericOptions) secure(config *genericapiserver.Config, client *clientset.Clientset, factory informers.SharedInformerFactory) (rbac bool, err error) {
	s := o.Upstream.CompletedOptions
	ctx := wait.ContextForChannel(config.DrainedNotify())
	if err := s.Authentication.ApplyTo(ctx, &config.Authentication, config.SecureServing, config.EgressSelector,
		config.OpenAPIConfig, config.OpenAPIV3Config, client, factory, config.APIServerID); err != nil {
		return false, err
	}
	config.Authorization.Authorizer, config.RuleResolver, rbac, err = controlplaneapiserver.BuildAuthorizer(ctx, s, config.EgressSelector, config.APIServerID, factory)
	if err != nil {
		return false, fmt.Errorf("invalid authorization config: %w", err)
	}
	if s.Authorization != nil && !rbac {
		config.DisabledPostStartHooks.Insert(rbacrest.PostStartHookName)
	}
	return rbac, nil
}
