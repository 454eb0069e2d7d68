package controllers

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	clientinformers "k8s.io/client-go/informers"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/component-base/metrics/prometheus/controllers"
	nodeutil "k8s.io/component-helpers/node/util"
	genericcontrollermanager "k8s.io/controller-manager/app"
	"k8s.io/controller-manager/pkg/clientbuilder"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	"k8s.io/kubernetes/cmd/kube-controller-manager/names"
	config "k8s.io/kubernetes/pkg/controller/apis/config"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	garbagecollectorconfig "k8s.io/kubernetes/pkg/controller/garbagecollector/config"
	"k8s.io/kubernetes/pkg/controller/nodeipam/ipam"
	"k8s.io/kubernetes/pkg/util/taints"

	"github.com/kubecraft/kubecraft/runtime/controllers/essential"
	"github.com/kubecraft/kubecraft/runtime/informers"
)

const (
	// clusterCIDR is where the ranges of nodes' pods are taken from. That of services is cut out of it by upstream.
	clusterCIDR = "10.0.0.0/8"
	// nodeMonitorPeriod is how often the node lifecycle controller looks at each node and its pods. Upstream has five seconds: with 5,000 nodes and
	// 50,000 pods a tenth of a core, and copies of all nodes. A node is lost 50 seconds after its last renewal, or up to this time later.
	nodeMonitorPeriod = 10 * time.Second
	// discoveryInterval is how long what is known of the served types is used, as upstream has it.
	discoveryInterval = 30 * time.Second
)

// manager is kube-controller-manager in the process of the API server.
type manager struct {
	names  []string
	server server
	own    essential.Controllers
}

// Name implements controlplane.Component.
func (manager) Name() string { return essential.Name }

// Run does what Run and CreateControllerContext in k8s.io/kubernetes/cmd/kube-controller-manager/app/controllermanager.go do, without
// what belongs to a process of its own: a server, an election, a name that only one in a process may register. The informers are
// the API server's.
func (m manager) Run(ctx context.Context, client *rest.Config) error {
	client = rest.CopyConfig(client)
	client.UserAgent = essential.UserAgent
	client.CAData = m.own.RootCA // what controllers publish as the cluster's; nothing is dialed
	shared, err := informers.Of(m.server)
	if err != nil {
		return err
	}
	shared.Paced = true
	m.own.Informers = shared // the token controller's, which is made of it below
	c, err := m.context(ctx, client, shared)
	if err != nil {
		return err
	}
	descriptors := app.NewControllerDescriptors()
	tokens := descriptors[names.ServiceAccountTokenController]
	delete(descriptors, names.ServiceAccountTokenController) // it needs what upstream does not export
	built, err := app.BuildControllers(ctx, *c, descriptors, nil, healthChecks{})
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	if c.IsControllerEnabled(tokens) {
		tokens, err := c.ClientBuilder.Client("tokens-controller")
		if err != nil {
			return err
		}
		run, err := m.own.Tokens(ctx, tokens)
		if err != nil {
			return err
		}
		running.Go(func() { run(ctx) })
	}
	shared.StartWithContext(ctx)
	c.ObjectOrMetadataInformerFactory.Start(ctx.Done())
	close(c.InformersStarted)
	for _, controller := range built {
		running.Go(func() { controller.Run(ctx) })
	}
	running.Go(func() {
		wait.UntilWithContext(ctx, func(context.Context) { c.RESTMapper.Reset() }, discoveryInterval)
	})
	<-ctx.Done()
	running.Wait()
	return nil
}

// Settled implements what ControlPlane.WaitSettled asks: pods can be made in the namespace default, and nodes that are ready take them.
func (m manager) Settled() bool {
	if m.runs(names.ServiceAccountController) && !m.own.Settled() {
		return false
	}
	shared, err := informers.Of(m.server)
	if err != nil || !m.runs(names.NodeLifecycleController) {
		return true
	}
	nodes, err := shared.Core().V1().Nodes().Lister().List(labels.Everything())
	return err == nil && !slices.ContainsFunc(nodes, isNew)
}

// runs says whether the controller of a name is one of those that run. Those that are asked for are on by default.
func (m manager) runs(name string) bool {
	return genericcontrollermanager.IsControllerEnabled(name, nil, m.names)
}

// isNew says whether a node is ready and still has the taint that each is given when it is made, until the node lifecycle controller has
// seen that (k8s.io/kubernetes/plugin/pkg/admission/nodetaint/admission.go: addNotReadyTaint).
func isNew(n *corev1.Node) bool {
	_, ready := nodeutil.GetNodeCondition(&n.Status, corev1.NodeReady)
	return ready != nil && ready.Status == corev1.ConditionTrue && taints.TaintKeyExists(n.Spec.Taints, corev1.TaintNodeNotReady)
}

// context returns what upstream's controllers are made from.
func (m manager) context(ctx context.Context, client *rest.Config, shared clientinformers.SharedInformerFactory) (*app.ControllerContext, error) {
	settings, err := m.settings()
	if err != nil {
		return nil, err
	}
	discovery, err := discovery.NewDiscoveryClientForConfig(client)
	if err != nil {
		return nil, err
	}
	objects, err := metadata.NewForConfig(client)
	if err != nil {
		return nil, err
	}
	all := typedOrMetadata{shared, m.own.MetadataInformers()}
	c := &app.ControllerContext{
		ClientBuilder:                   clients{clientbuilder.SimpleControllerClientBuilder{ClientConfig: client}},
		InformerFactory:                 shared,
		ObjectOrMetadataInformerFactory: all,
		ComponentConfig:                 settings,
		RESTMapper:                      restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovery)),
		InformersStarted:                make(chan struct{}),
		ResyncPeriod:                    func() time.Duration { return settings.Generic.MinResyncPeriod.Duration },
		ControllerManagerMetrics:        controllers.NewControllerManagerMetrics(essential.Name),
	}
	if settings.GarbageCollectorController.EnableGarbageCollector {
		c.GraphBuilder = garbagecollector.NewDependencyGraphBuilder(ctx, objects, c.RESTMapper,
			garbagecollector.DefaultIgnoredResources(), all.metadata, c.InformersStarted)
	}
	controllers.Register()
	return c, nil
}

// settings are kube-controller-manager's defaults, and what a cluster's administrator sets.
func (m manager) settings() (config.KubeControllerManagerConfiguration, error) {
	settings, err := options.NewDefaultComponentConfig()
	if err != nil {
		return settings, fmt.Errorf("kube-controller-manager's defaults: %w", err)
	}
	settings.Generic.Controllers = m.names
	settings.Generic.ControllerStartInterval.Duration = 0
	settings.Generic.LeaderElection.LeaderElect = false
	settings.SAController.ServiceAccountKeyFile = m.own.ServiceAccountKey
	settings.CSRSigningController.ClusterSigningCertFile, settings.CSRSigningController.ClusterSigningKeyFile = m.own.CA, m.own.CAKey
	// Some of them wait: see pace.
	settings.ReplicaSetController.ConcurrentRSSyncs = concurrentSyncs
	settings.DeploymentController.ConcurrentDeploymentSyncs = concurrentSyncs
	settings.NodeLifecycleController.NodeMonitorPeriod.Duration = nodeMonitorPeriod
	settings.KubeCloudShared.AllocateNodeCIDRs = true
	settings.KubeCloudShared.ClusterCIDR = clusterCIDR
	settings.KubeCloudShared.CIDRAllocatorType = string(ipam.RangeAllocatorType)
	settings.NodeIPAMController.ServiceCIDR = m.own.ServiceRange
	settings.GarbageCollectorController.EnableGarbageCollector = m.own.GarbageCollection
	for r := range garbagecollector.DefaultIgnoredResources() {
		settings.GarbageCollectorController.GCIgnoredResources = append(settings.GarbageCollectorController.GCIgnoredResources,
			garbagecollectorconfig.GroupResource{Group: r.Group, Resource: r.Resource})
	}
	return settings, nil
}

// typedOrMetadata implements informerfactory.InformerFactory: the objects of types that quotas are counted from by what is in them,
// of all others the metadata, which is there already.
type typedOrMetadata struct {
	typed    clientinformers.SharedInformerFactory
	metadata informerfactory.InformerFactory
}

// ForResource implements informerfactory.InformerFactory.
func (f typedOrMetadata) ForResource(resource schema.GroupVersionResource) (clientinformers.GenericInformer, error) {
	counted := sets.New( // the evaluators in k8s.io/kubernetes/pkg/quota/v1/evaluator/core
		corev1.Resource("pods"), corev1.Resource("services"), corev1.Resource("persistentvolumeclaims"),
		schema.GroupResource{Group: "resource.k8s.io", Resource: "resourceclaims"})
	if counted.Has(resource.GroupResource()) {
		return f.typed.ForResource(resource)
	}
	return f.metadata.ForResource(resource)
}

// Start implements informerfactory.InformerFactory.
func (f typedOrMetadata) Start(stop <-chan struct{}) {
	f.typed.Start(stop)
	f.metadata.Start(stop)
}

// healthChecks implements app.HealthCheckAdder. The process has the API server's.
type healthChecks struct{}

// AddHealthChecker implements app.HealthCheckAdder.
func (healthChecks) AddHealthChecker(...healthz.HealthChecker) {}
