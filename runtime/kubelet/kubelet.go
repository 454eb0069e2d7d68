package kubelet

import (
	"context"
	goruntime "runtime"
	"slices"

	"golang.org/x/sync/errgroup"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/informers"
)

// userAgent is upstream's: the manager of the fields that are set is named by it.
const userAgent = "kubelet/" + apiserver.KubernetesVersion + " (" + goruntime.GOOS + "/" + goruntime.GOARCH + ") kubernetes"

// server is the API server beside the nodes.
type server interface {
	informers.Source
	// RenewLease is an update of a lease in which nothing but times in its spec has changed, without a request. It fails with a conflict as
	// one does. It returns false if a request has to be made.
	RenewLease(ctx context.Context, lease *coordinationv1.Lease) (*coordinationv1.Lease, bool, error)
}

// component simulates nodes.
type component struct {
	nodes     int
	simulated *simulation
	usage     *measured
	metrics   *scrapes
	server    server
	// kubelets is where the API server asks for logs and the like.
	kubelets *listener
}

// Name implements controlplane.Component.
func (component) Name() string { return "simulated kubelets" }

// Settled implements what ControlPlane.WaitSettled asks: the nodes that were asked for are there.
func (c component) Settled() bool {
	names := make([]string, c.nodes)
	for i := range names {
		names[i] = nodeNameOf(i)
	}
	return haveJoined(c.server, names...)
}

// haveJoined says whether nodes are there, to this process's knowledge.
func haveJoined(s informers.Source, names ...string) bool {
	shared, err := informers.Of(s)
	if err != nil {
		return false // as Run will tell
	}
	nodes := shared.Core().V1().Nodes().Lister()
	return !slices.ContainsFunc(names, func(name string) bool {
		_, err := nodes.Get(name)
		return err != nil
	})
}

// Run implements controlplane.Component.
func (c component) Run(ctx context.Context, config *rest.Config) error {
	config = rest.CopyConfig(config)
	config.UserAgent = userAgent
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	shared, err := informers.Of(c.server)
	if err != nil {
		return err
	}
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	defer broadcaster.Shutdown()
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet"})

	fleet, err := newFleet(client, shared, c.server)
	if err != nil {
		return err
	}
	fleet.simulated, fleet.metrics = c.simulated, c.metrics
	c.usage.fleet.Store(fleet)
	defer c.usage.fleet.Store(nil)
	players, err := c.players(config, client, fleet, recorder)
	if err != nil {
		return err
	}
	for _, p := range players {
		if p.find == nil {
			if err := p.follow(); err != nil {
				return err
			}
		}
		defer p.unfollow()
	}
	disks, err := newVolumes(client, shared, recorder)
	if err != nil {
		return err
	}
	defer disks.stop()
	shared.StartWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), fleet.nodes.HasSynced, fleet.pods.HasSynced) {
		return nil
	}
	running, ctx := errgroup.WithContext(ctx)
	running.Go(func() error { return fleet.scale(ctx, c.nodes, recorder) })
	running.Go(func() error { return fleet.renewLeases(ctx) })
	running.Go(func() error { return fleet.serve(ctx, c.kubelets, fleet.handler()) })
	running.Go(func() error { return disks.run(ctx) })
	for _, p := range players {
		running.Go(func() error { return p.run(ctx) })
	}
	return running.Wait()
}
