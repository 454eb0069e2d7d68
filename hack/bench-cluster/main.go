package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/utils/ptr"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// settle is how long a cluster has to end what it does, before its CPU time at rest is read.
const settle = 30 * time.Second

type options struct {
	server      string
	peer        string
	nodes, pods int
	bare        bool
	profile     string
	verbose     bool
	// idle is how long the CPU time at rest is read.
	idle time.Duration
	// shape is one of upstream's scheduler_perf to time in place of the rest, or all.
	shape string
	// withoutKubelets has no node simulated, nor found dead for that: pods are bound and no more.
	withoutKubelets bool
}

const (
	nameOurs = "kubecraft"
	namePeer = "kwok, etcd and Kubernetes"
	// controllersWithoutKubelets are all but those that would find nodes without kubelets dead.
	controllersWithoutKubelets = "*,-node-lifecycle-controller,-taint-eviction-controller"
)

// starter starts one of the sides in a folder.
type starter func(ctx context.Context, o options, dir string) (*cluster, error)

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "kubecraft with the control plane compiled in; empty to time its peer alone")
	flag.StringVar(&o.peer, "peer", "", "folder with etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, to time them after kubecraft; empty for none")
	flag.IntVar(&o.nodes, "nodes", 5000, "simulated nodes")
	flag.IntVar(&o.pods, "pods", 10000, "pods of the Deployment")
	flag.BoolVar(&o.bare, "bare", false, "make the pods one by one, of no Deployment: the scheduler need not spread them then")
	flag.DurationVar(&o.idle, "idle", 30*time.Second, "how long the CPU time at rest is read")
	flag.StringVar(&o.profile, "profile", "", "folder for a CPU profile of each step")
	flag.StringVar(&o.shape, "shape", "", "time the scheduler at a shape of upstream's scheduler_perf, or at all, in place of the rest")
	flag.BoolVar(&o.verbose, "verbose", false, "say each second how far it is")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.server == "" && (o.peer == "" || o.shape != "") {
		fmt.Fprintln(os.Stderr, "bench-cluster: --server is missing; only with --peer, and without --shape, it may be")
		os.Exit(2)
	}
	do := run
	if o.shape != "" {
		do = runShapes
	}
	if err := do(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.server == "" {
		_, err := runOne(ctx, o, namePeer, startPeer)
		return err
	}
	ours, err := runOne(ctx, o, nameOurs, start)
	if err != nil || o.peer == "" {
		return err
	}
	theirs, err := runOne(ctx, o, namePeer, startPeer)
	if err != nil {
		return err
	}
	fmt.Printf("%-40s %10s %10s %10s\n", "kubecraft to its peer", "time", "CPU", "memory")
	for i, f := range ours {
		t := theirs[i]
		fmt.Printf("%-40s %10.2f %10.2f %10.2f\n", f.what, f.seconds/t.seconds, f.cpu/t.cpu, float64(f.memory)/float64(t.memory))
	}
	return nil
}

// figures are what a step took.
type figures struct {
	what         string
	seconds, cpu float64
	memory       int // MiB, at its end
}

// runOne times one of the sides.
func runOne(ctx context.Context, o options, name string, start starter) ([]figures, error) {
	fmt.Println(name)
	dir, err := os.MkdirTemp("", "bench-cluster-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	begin := time.Now()
	c, err := start(ctx, o, dir)
	if err != nil {
		return nil, err
	}
	defer c.stop()
	err = c.run(ctx, begin)
	return c.figures, err
}

// run does all steps.
func (c *cluster) run(ctx context.Context, begin time.Time) error {
	o := c.options
	if err := c.step("nodes ready, untainted and leased", begin, func(s counts) int { return min(s.ready, s.leases) }, o.nodes, c.makeNodes); err != nil {
		return err
	}
	c.counter.stopLeases()
	what, deploy, undeploy := "pods of a Deployment running", c.deploy, c.undeploy
	if o.bare {
		what, deploy, undeploy = "pods running", c.makePods, c.deletePods
	}
	if err := c.step(what, time.Now(), func(s counts) int { return s.running }, o.pods, func() error { return deploy(ctx, o.pods) }); err != nil {
		return err
	}
	if err := c.rest(ctx); err != nil {
		return err
	}
	return c.step("pods deleted", time.Now(), func(s counts) int { return o.pods - s.pods }, o.pods, func() error { return undeploy(ctx) })
}

// cluster is a server that runs, and what is known of the objects in it.
type cluster struct {
	options
	processes []*process
	// ended has what became of a process that ended by itself.
	ended   chan error
	config  *rest.Config
	client  kubernetes.Interface
	counter *counter
	// makeNodes makes those that do not come by themselves. May be nil.
	makeNodes func() error
	figures   []figures
}

func newCluster(o options) *cluster { return &cluster{options: o, ended: make(chan error, 1)} }

func start(ctx context.Context, o options, dir string) (*cluster, error) {
	c := newCluster(o)
	kubeconfig := filepath.Join(dir, "pki", "kubeconfig")
	args := []string{"serve", "--data", filepath.Join(dir, "data"), "--write-kubeconfig", kubeconfig}
	if o.withoutKubelets {
		args = append(args, "--without", "kubelet", "--controllers", controllersWithoutKubelets)
	}
	if o.nodes > 0 {
		args = append(args, "--nodes", strconv.Itoa(o.nodes))
	}
	server := bench.Command(ctx, dir, o.server, args...)
	server.Env = append(os.Environ(), "XDG_DATA_HOME="+dir)
	if err := c.start(server); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
		if err == nil {
			err = c.connect(ctx, config)
			if err != nil {
				c.stop()
			}
			return c, err
		}
		if time.Now().After(deadline) {
			c.stop()
			return nil, fmt.Errorf("the server has written no kubeconfig: %w", err)
		}
	}
}

// connect has the cluster's objects counted.
func (c *cluster) connect(ctx context.Context, config *rest.Config) (err error) {
	c.config = config
	c.config.QPS = -1
	c.config.ContentType = "application/vnd.kubernetes.protobuf"
	if c.client, err = kubernetes.NewForConfig(c.config); err != nil {
		return err
	}
	c.counter = count(ctx, c.client)
	return nil
}

// step waits until a count is what is wanted, and says how long that took and what of the CPU.
func (c *cluster) step(what string, begin time.Time, of func(counts) int, want int, do func() error) error {
	cpu := c.cpu()
	profiled := c.profileStep(what)
	if do != nil {
		if err := do(); err != nil {
			return err
		}
	}
	said := time.Now()
	for {
		select {
		case err := <-c.ended:
			return err
		default:
		}
		now := c.counter.get()
		if of(now) >= want {
			break
		}
		if c.verbose && time.Since(said) > time.Second {
			said = time.Now()
			fmt.Fprintf(os.Stderr, "%.0f s: %+v\n", time.Since(begin).Seconds(), now)
		}
		if time.Since(begin) > 40*time.Minute {
			return fmt.Errorf("%s: %d of %d after forty minutes", what, of(now), want)
		}
		time.Sleep(20 * time.Millisecond)
	}
	took := time.Since(begin)
	profile := <-profiled
	f := figures{what, took.Seconds(), (c.cpu() - cpu).Seconds(), c.memory()}
	c.figures = append(c.figures, f)
	fmt.Printf("%-40s %6d   %7.1f s   CPU %6.1f s   memory %5d MiB\n", what, want, f.seconds, f.cpu, f.memory)
	profile.print()
	return nil
}

// rest says what a cluster does in which nothing happens.
func (c *cluster) rest(ctx context.Context) error {
	settled := time.NewTimer(settle)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-settled.C:
	}
	cpu := c.cpu()
	profiled := c.profileStep("at rest")
	rested := time.NewTimer(c.idle)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-rested.C:
	}
	profile := <-profiled
	f := figures{"at rest", c.idle.Seconds(), (c.cpu() - cpu).Seconds(), c.memory()}
	c.figures = append(c.figures, f)
	fmt.Printf("%-40s %6s   %7.2f cores                     memory %5d MiB\n", f.what, "", f.cpu/f.seconds, f.memory)
	profile.print()
	return nil
}

// deploy makes a Deployment.
func (c *cluster) deploy(ctx context.Context, replicas int) error {
	labels := map[string]string{"app": "web"}
	_, err := c.client.AppsV1().Deployments("default").Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(int32(replicas)),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
			},
		},
	}, metav1.CreateOptions{})
	return err
}

func (c *cluster) undeploy(ctx context.Context) error {
	return c.client.AppsV1().Deployments("default").Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationBackground)})
}

// makePods makes pods that nobody owns.
func (c *cluster) makePods(ctx context.Context, n int) error { return makePods(ctx, c.client, n) }

// deletePods deletes all pods. A server ends a request after a minute, with some of them deleted.
func (c *cluster) deletePods(ctx context.Context) error {
	for {
		err := c.client.CoreV1().Pods("default").DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
		if !apierrors.IsTimeout(err) {
			return err
		}
	}
}
