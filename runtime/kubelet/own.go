package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/informers"
)

// Own is a node of one's own, whose containers are run by Go code. It needs the whole built-in API: kubernetes.All.
type Own struct {
	// PartName is the node's name, and the part's: --without leaves it out by that.
	PartName string
	// Runtime runs containers.
	Runtime Runtime
	// Taints are the node's, so that pods which are not for it stay away.
	Taints []corev1.Taint
}

// Runtime runs the containers of a node's pods. The kubelet does the rest: status, restarts, init containers, termination, logs. It calls
// these from many goroutines.
type Runtime interface {
	// Pull makes an image ready to be run. An error is shown in the container's status, and Pull is called again later; a panic is an
	// error. ctx is as that of Run.
	Pull(ctx context.Context, image string) error
	// Run runs a container until it ends, and returns its exit code. ctx ends when the container is to: it then has its pod's grace period
	// before it is given up, though nothing can stop it; 4 seconds at most when the server stops. A panic is exit code 2, and so is
	// runtime.Goexit.
	Run(ctx context.Context, container Container) (exitCode int)
}

// Container is what a Runtime runs.
type Container struct {
	// Pod is the container's, as it was when it started. It is shared and must not be changed.
	Pod *corev1.Pod
	// Spec is the container's own.
	Spec corev1.Container
	// Log takes what kubectl logs shows.
	Log io.Writer
}

var _ controlplane.Optional = &Own{}

// Name implements controlplane.Optional.
func (o *Own) Name() string { return o.PartName }

// AddFlags implements controlplane.Optional. There are none.
func (*Own) AddFlags(*pflag.FlagSet) {}

// Apply implements controlplane.Part.
func (o *Own) Apply(c *controlplane.Config) error {
	switch {
	case o.PartName == "":
		return errors.New("a kubelet needs a PartName")
	case o.Runtime == nil:
		return fmt.Errorf("kubelet %s: needs a Runtime, which runs containers", o.PartName)
	}
	kubelets := newListener()
	c.DialNode = kubelets.beside(c.DialNode)
	c.NewComponents = append(c.NewComponents, func(s controlplane.Server) (controlplane.Component, error) {
		server, ok := s.(server)
		if !ok {
			return nil, &controlplane.UsageError{Message: fmt.Sprintf("the kubelet %s stands on the whole built-in API, which this control plane does not serve; kubecraft add builtin --all adds it", o.PartName)}
		}
		return &ownNode{Own: o, server: server, kubelets: kubelets, pods: map[types.UID]*ownPod{}}, nil
	})
	return nil
}

// ownNode is an Own that runs.
type ownNode struct {
	*Own
	server   server
	kubelets *listener
	fleet    *fleet
	client   kubernetes.Interface
	recorder record.EventRecorder

	mu      sync.Mutex
	pods    map[types.UID]*ownPod
	running sync.WaitGroup
}

// Settled implements what ControlPlane.WaitSettled asks: the node is there.
func (n *ownNode) Settled() bool { return haveJoined(n.server, n.PartName) }

// Run implements controlplane.Component.
func (n *ownNode) Run(ctx context.Context, config *rest.Config) error {
	// Pods run until ctx ends: it does too when the node fails.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	config = rest.CopyConfig(config)
	config.UserAgent = userAgent
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	shared, err := informers.Of(n.server)
	if err != nil {
		return err
	}
	if n.fleet, err = newFleet(client, shared, n.server); err != nil {
		return err
	}
	n.fleet.own, n.client = n.PartName, client
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	defer broadcaster.Shutdown()
	n.recorder = broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet", Host: n.PartName})
	if err := n.register(ctx); err != nil {
		return err
	}
	see := func(of any) {
		if pod, ok := of.(*corev1.Pod); ok && pod.Spec.NodeName == n.PartName {
			n.see(ctx, pod)
		}
	}
	registration, err := n.fleet.pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: see, UpdateFunc: func(_, of any) { see(of) },
		DeleteFunc: func(of any) {
			if last, ok := of.(cache.DeletedFinalStateUnknown); ok {
				of = last.Obj
			}
			if pod, ok := of.(*corev1.Pod); ok {
				n.forget(pod.UID)
			}
		},
	})
	if err != nil {
		return err
	}
	defer func() { _ = n.fleet.pods.RemoveEventHandler(registration) }()
	shared.StartWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), n.fleet.nodes.HasSynced, n.fleet.pods.HasSynced) {
		return nil
	}
	running, serving := errgroup.WithContext(ctx)
	running.Go(func() error { return n.fleet.renewLeases(serving) })
	running.Go(func() error { return n.fleet.serve(serving, n.kubelets, n.handler()) })
	err = running.Wait()
	n.mu.Lock() // see starts none after it
	stop()
	n.mu.Unlock()
	n.running.Wait()
	return err
}

// register makes the node or, if it is there, says that it is ready again.
func (n *ownNode) register(ctx context.Context) error {
	node := newNode(0, 1, &corev1.Node{})
	delete(node.Annotations, Annotation)
	node.Name, node.Labels[corev1.LabelHostname] = n.PartName, n.PartName
	node.Labels[corev1.LabelArchStable], node.Labels["beta.kubernetes.io/arch"] = runtime.GOARCH, runtime.GOARCH
	node.Spec = corev1.NodeSpec{Taints: n.Taints} // the range of its pods is a controller's to say
	node.Status.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: nodeAddress(n.PartName).String()},
		{Type: corev1.NodeHostName, Address: n.PartName},
	}
	node.Status.NodeInfo.ContainerRuntimeVersion = "go://" + runtime.Version()
	nodes := n.client.CoreV1().Nodes()
	_, err := nodes.Create(ctx, node, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		there, err := nodes.Get(ctx, n.PartName, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if there.Annotations[Annotation] == simulated {
			return fmt.Errorf("node %s is simulated: give the kubelet another name", n.PartName)
		}
		there.Status = node.Status
		_, err = nodes.UpdateStatus(ctx, there, metav1.UpdateOptions{})
		return err
	})
}

// see has a pod run that does not, and end that is to.
func (n *ownNode) see(ctx context.Context, pod *corev1.Pod) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	p := n.pods[pod.UID]
	if p == nil {
		n.fleet.addresses.keep(pod)
		p = newOwnPod(n, pod)
		n.pods[pod.UID] = p
		n.running.Go(func() { p.run(ctx) })
	}
	if pod.DeletionTimestamp != nil {
		p.kill(time.Duration(ptr.Deref(pod.DeletionGracePeriodSeconds, 0)) * time.Second)
	}
}

// forget leaves a pod that is gone.
func (n *ownNode) forget(uid types.UID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.pods[uid]; p != nil {
		p.gone()
		delete(n.pods, uid)
		n.fleet.addresses.release(uid)
	}
}

// handler serves the logs. What else clients of the API server ask a kubelet for is not there.
func (n *ownNode) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", n.serveLogs)
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		http.Error(w, fmt.Sprintf("the kubelet %s has no %s: its containers are Go functions", n.PartName, req.URL.Path), http.StatusNotImplemented)
	})
	return mux
}

func (n *ownNode) serveLogs(w http.ResponseWriter, req *http.Request) {
	o, err := readLogOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	log := n.log(req.PathValue("namespace"), req.PathValue("pod"), req.PathValue("container"), o.previous)
	if log == nil {
		http.Error(w, fmt.Sprintf("container %s of pod %s/%s has not started", req.PathValue("container"), req.PathValue("namespace"), req.PathValue("pod")), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	log.show(req.Context(), o, flushing{w})
}

// log is that of a container's last run, or of the one before it. Nil if there was none.
func (n *ownNode) log(namespace, pod, container string, previous bool) *ownLog {
	of := n.fleet.pod(namespace, pod)
	if of == nil {
		return nil
	}
	n.mu.Lock()
	p := n.pods[of.UID]
	n.mu.Unlock()
	if p == nil {
		return nil
	}
	return p.log(container, previous)
}
