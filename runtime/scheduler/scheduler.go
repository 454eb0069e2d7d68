package scheduler

import (
	"context"
	"fmt"
	"regexp"
	goruntime "runtime"
	"slices"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	clientinformers "k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/kubernetes/pkg/scheduler/profile"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/informers"
	"github.com/kubecraft/kubecraft/runtime/scheduler/decision"
)

// userAgent is upstream's.
const userAgent = "kube-scheduler/" + apiserver.KubernetesVersion + " (" + goruntime.GOOS + "/" + goruntime.GOARCH + ") kubernetes"

// component is a kube-scheduler in the process of the API server.
type component struct {
	loaded
	plugins runtime.Registry
	server  informers.Source
	log     *decision.Log
	// running is the scheduler, once it knows what there is.
	running *atomic.Pointer[scheduler.Scheduler]
}

// Name implements controlplane.Component.
func (component) Name() string { return "kube-scheduler" }

// Run does what Setup and Run in k8s.io/kubernetes/cmd/kube-scheduler/app/server.go do, without what belongs to a process of its own: a
// server, an election, a name that only one in a process may register, an exit. The informers are the API server's.
func (c component) Run(ctx context.Context, client *rest.Config) error {
	client = rest.CopyConfig(client)
	client.UserAgent = userAgent
	typed, err := kubernetes.NewForConfig(client)
	if err != nil {
		return err
	}
	untyped, err := dynamic.NewForConfig(client)
	if err != nil {
		return err
	}
	shared, err := informers.Of(c.server)
	if err != nil {
		return err
	}
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: typed.EventsV1()})
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		return err
	}
	defer broadcaster.Shutdown()
	factory := withoutEnded{shared}
	dynamicFactory := dynamicinformer.NewDynamicSharedInformerFactory(untyped, 0)
	s, err := c.scheduler(ctx, client, typed, factory, dynamicFactory, broadcaster)
	if err != nil {
		return err
	}
	factory.StartWithContext(ctx)
	dynamicFactory.Start(ctx.Done())
	defer dynamicFactory.Shutdown()
	factory.WaitForCacheSyncWithContext(ctx)
	dynamicFactory.WaitForCacheSync(ctx.Done())
	if err := s.WaitForHandlersSync(ctx); err != nil {
		return err
	}
	c.running.Store(s)
	defer c.running.Store(nil)
	s.Run(withoutNames(ctx))
	return nil
}

// Settled implements what ControlPlane.WaitSettled asks: the scheduler knows the nodes as they are.
func (c component) Settled() bool {
	s := c.running.Load()
	shared, err := informers.Of(c.server)
	if s == nil || err != nil {
		return false
	}
	nodes, err := shared.Core().V1().Nodes().Lister().List(labels.Everything())
	return err == nil && !slices.ContainsFunc(nodes, func(node *corev1.Node) bool {
		known, err := s.Cache.GetNode(node.Name)
		return err != nil || known.Node() == nil || known.Node().ResourceVersion != node.ResourceVersion
	})
}

// scheduler makes the scheduler, which does nothing yet, and has what it decides written down.
func (c component) scheduler(ctx context.Context, client *rest.Config, typed kubernetes.Interface, factory clientinformers.SharedInformerFactory,
	dynamicFactory dynamicinformer.DynamicSharedInformerFactory, broadcaster events.EventBroadcaster) (*scheduler.Scheduler, error) {
	r, own := newRecorder(c.log), c.KubeSchedulerConfiguration
	s, err := scheduler.New(ctx, typed, factory, dynamicFactory, r.events(profile.NewRecorderFactory(broadcaster)),
		scheduler.WithComponentConfigVersion(own.APIVersion),
		scheduler.WithKubeConfig(client),
		scheduler.WithProfiles(own.Profiles...),
		scheduler.WithPercentageOfNodesToScore(own.PercentageOfNodesToScore),
		scheduler.WithFrameworkOutOfTreeRegistry(c.plugins),
		scheduler.WithPodMaxBackoffSeconds(own.PodMaxBackoffSeconds),
		scheduler.WithPodInitialBackoffSeconds(own.PodInitialBackoffSeconds),
		scheduler.WithExtenders(own.Extenders...),
		scheduler.WithParallelism(own.Parallelism),
	)
	if err != nil { // such as arguments that only the plugin can read, whose name upstream tells
		from := c.from
		if m := regexp.MustCompile(`scheduler name (\S+): .*initializing plugin "([^"]*)"`).FindStringSubmatch(err.Error()); m != nil {
			from = argumentsOf(c.from, c.content, m[1], m[2])
		}
		return nil, fmt.Errorf("scheduler configuration %s: %w", from, err)
	}
	r.watch(ctx, s)
	return s, nil
}
