package essential

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	namespacecontroller "k8s.io/kubernetes/pkg/controller/namespace"
	serviceaccountcontroller "k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/serviceaccount"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

const (
	// resync and the numbers of workers are the defaults of kube-controller-manager.
	resync                 = 12 * time.Hour
	namespaceResync        = 5 * time.Minute
	namespaceWorkers       = 10
	garbageWorkers         = 20
	tokenWorkers           = 5
	clusterRoleWorkers     = 5
	garbageDiscoveryPeriod = 30 * time.Second
	// defaultAccount is the service account that pods have which name none.
	defaultAccount = "default"
)

// Controllers are those without which a client can tell that something is missing: objects of a deleted
// namespace and of a deleted owner go, a namespace has its default service account and the cluster's certificate
// authority, a token secret its token, and the roles admin, edit and view their rules.
type Controllers struct {
	// Informers are the server's own, which the controllers share. See AddInformers.
	Informers informers.SharedInformerFactory
	// Objects is where the garbage collector's informers have objects' metadata from.
	Objects metadata.Interface
	// RootCA is the PEM that clients in the cluster verify the API server by.
	RootCA []byte
	// ServiceAccountKey is the file of the private key that signs tokens.
	ServiceAccountKey string
	// CA and CAKey are the files of the authority that signs the certificates that are asked for and approved.
	CA, CAKey string
	// ServiceRange is the range of services' addresses.
	ServiceRange string
	// GarbageCollection says whether to collect garbage.
	GarbageCollection bool
}

// Name implements controlplane.Component.
func (Controllers) Name() string { return "essential controllers" }

// AddInformers asks for the informers that the controllers need, so that they start with the server's: one that came later
// would make the server say that it is not ready until it has synced.
func (c Controllers) AddInformers() {
	core := c.Informers.Core().V1()
	core.Namespaces().Informer()
	core.ServiceAccounts().Informer()
	core.Secrets().Informer()
	core.ConfigMaps().Informer()
	c.Informers.Rbac().V1().ClusterRoles().Informer()
}

// Settled implements what ControlPlane.WaitSettled asks: pods can be made in the namespace default, which has its service account.
func (c Controllers) Settled() bool {
	_, err := c.Informers.Core().V1().ServiceAccounts().Lister().ServiceAccounts(v1.NamespaceDefault).Get(defaultAccount)
	return err == nil
}

// Run runs the controllers until ctx ends. It is called when the API server is ready.
func (c Controllers) Run(ctx context.Context, config *rest.Config) error {
	config = rest.CopyConfig(config)
	config.UserAgent = UserAgent
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return err
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	all, err := c.build(ctx, client, objects)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	if c.GarbageCollection {
		collect, err := c.newGarbageCollector(ctx, client, objects)
		if err != nil {
			return err
		}
		all = append(all, collect)
	}
	for _, run := range all {
		running.Go(func() { run(ctx) })
	}
	<-ctx.Done()
	running.Wait()
	return nil
}

// Name is that of the process that runs controllers upstream.
const Name = "kube-controller-manager"

// UserAgent is upstream's: the manager of the fields that controllers set is named by it.
const UserAgent = Name + "/" + apiserver.KubernetesVersion + " (" + runtime.GOOS + "/" + runtime.GOARCH + ") kubernetes"

// build makes those that work on objects of known types.
func (c Controllers) build(ctx context.Context, client *clientset.Clientset, objects metadata.Interface) ([]func(context.Context), error) {
	logger := klog.FromContext(ctx)
	core := c.Informers.Core().V1()

	namespaces := namespacecontroller.NewNamespaceController(ctx, client, objects, client.Discovery().ServerPreferredNamespacedResources,
		core.Namespaces(), namespaceResync, v1.FinalizerKubernetes)
	accounts, err := serviceaccountcontroller.NewServiceAccountsController(logger, core.ServiceAccounts(), core.Namespaces(), client,
		serviceaccountcontroller.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return nil, fmt.Errorf("service account controller: %w", err)
	}
	tokens, err := c.Tokens(ctx, client)
	if err != nil {
		return nil, err
	}
	authorities, err := rootcacertpublisher.NewPublisher(core.ConfigMaps(), core.Namespaces(), client, c.RootCA)
	if err != nil {
		return nil, fmt.Errorf("root CA publisher: %w", err)
	}
	roles := clusterroleaggregation.NewClusterRoleAggregation(c.Informers.Rbac().V1().ClusterRoles(), client.RbacV1())
	return []func(context.Context){
		func(ctx context.Context) { namespaces.Run(ctx, namespaceWorkers) },
		func(ctx context.Context) { accounts.Run(ctx, 1) },
		tokens,
		func(ctx context.Context) { authorities.Run(ctx, 1) },
		func(ctx context.Context) { roles.Run(ctx, clusterRoleWorkers) },
	}, nil
}

// Tokens makes the controller that gives token secrets their token.
func (c Controllers) Tokens(ctx context.Context, client clientset.Interface) (run func(context.Context), err error) {
	key, err := keyutil.PrivateKeyFromFile(c.ServiceAccountKey)
	if err != nil {
		return nil, fmt.Errorf("key of service accounts: %w", err)
	}
	generator, err := serviceaccount.JWTTokenGenerator(serviceaccount.LegacyIssuer, key)
	if err != nil {
		return nil, fmt.Errorf("key of service accounts %s: %w", c.ServiceAccountKey, err)
	}
	core := c.Informers.Core().V1()
	tokens, err := serviceaccountcontroller.NewTokensController(klog.FromContext(ctx), core.ServiceAccounts(), core.Secrets(), client,
		serviceaccountcontroller.TokensControllerOptions{TokenGenerator: generator, RootCA: c.RootCA})
	if err != nil {
		return nil, fmt.Errorf("token controller: %w", err)
	}
	return func(ctx context.Context) { tokens.Run(ctx, tokenWorkers) }, nil
}

// newGarbageCollector makes the one that works on objects of all types.
func (c Controllers) newGarbageCollector(ctx context.Context, client *clientset.Clientset, objects metadata.Interface) (func(context.Context), error) {
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	started := make(chan struct{})
	close(started) // the graph starts the informers of types as it learns of them
	graph := garbagecollector.NewDependencyGraphBuilder(ctx, objects, mapper, garbagecollector.DefaultIgnoredResources(),
		c.MetadataInformers(), started)
	collector, err := garbagecollector.NewComposedGarbageCollector(ctx, client, objects, mapper, graph)
	if err != nil {
		return nil, fmt.Errorf("garbage collector: %w", err)
	}
	return func(ctx context.Context) {
		var running sync.WaitGroup
		running.Go(func() { collector.Run(ctx, garbageWorkers, garbageDiscoveryPeriod) })
		running.Go(func() { collector.Sync(ctx, client.Discovery(), garbageDiscoveryPeriod) })
		running.Wait()
	}, nil
}

// MetadataInformers makes the informers that the garbage collector follows all objects by.
func (c Controllers) MetadataInformers() informerfactory.InformerFactory {
	return metadataInformers{metadatainformer.NewSharedInformerFactory(c.Objects, resync)}
}

// metadataInformers implements k8s.io/controller-manager/pkg/informerfactory.InformerFactory with metadata alone: the garbage
// collector needs no more.
type metadataInformers struct {
	metadatainformer.SharedInformerFactory
}

// ForResource implements informerfactory.InformerFactory.
func (m metadataInformers) ForResource(resource schema.GroupVersionResource) (informers.GenericInformer, error) {
	return m.SharedInformerFactory.ForResource(resource), nil
}
