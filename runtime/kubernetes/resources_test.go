package kubernetes_test

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	clientset "k8s.io/client-go/kubernetes"
	upstream "k8s.io/kubernetes/pkg/controlplane"
	"k8s.io/kubernetes/pkg/kubeapiserver"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/apps/controllerrevisions"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/apps/daemonsets"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/apps/deployments"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/apps/replicasets"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/apps/statefulsets"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/autoscaling/horizontalpodautoscalers"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/batch/cronjobs"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/batch/jobs"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/coordination/leases"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/configmaps"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/endpoints"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/events"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/limitranges"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/namespaces"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/nodes"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/persistentvolumeclaims"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/persistentvolumes"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/pods"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/podtemplates"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/replicationcontrollers"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/resourcequotas"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/secrets"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/serviceaccounts"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/services"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/discovery/endpointslices"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/networking/ingressclasses"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/networking/ingresses"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/networking/networkpolicies"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/node/runtimeclasses"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/policy/poddisruptionbudgets"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/rbac/clusterrolebindings"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/rbac/clusterroles"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/rbac/rolebindings"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/rbac/roles"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/scheduling/priorityclasses"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/storage/csidrivers"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/storage/csinodes"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/storage/csistoragecapacities"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/storage/storageclasses"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/storage/volumeattachments"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/storage/volumeattributesclasses"
)

// resources are all that can be served one by one.
func resources() []apiserver.Group {
	return []apiserver.Group{
		controllerrevisions.Resource(),
		daemonsets.Resource(),
		deployments.Resource(),
		replicasets.Resource(),
		statefulsets.Resource(),
		horizontalpodautoscalers.Resource(),
		cronjobs.Resource(),
		jobs.Resource(),
		leases.Resource(),
		configmaps.Resource(),
		endpoints.Resource(),
		events.Resource(),
		limitranges.Resource(),
		namespaces.Resource(),
		nodes.Resource(),
		persistentvolumeclaims.Resource(),
		persistentvolumes.Resource(),
		pods.Resource(),
		podtemplates.Resource(),
		replicationcontrollers.Resource(),
		resourcequotas.Resource(),
		secrets.Resource(),
		serviceaccounts.Resource(),
		services.Resource(),
		endpointslices.Resource(),
		ingressclasses.Resource(),
		ingresses.Resource(),
		networkpolicies.Resource(),
		runtimeclasses.Resource(),
		poddisruptionbudgets.Resource(),
		clusterrolebindings.Resource(),
		clusterroles.Resource(),
		rolebindings.Resource(),
		roles.Resource(),
		priorityclasses.Resource(),
		csidrivers.Resource(),
		csinodes.Resource(),
		csistoragecapacities.Resource(),
		storageclasses.Resource(),
		volumeattachments.Resource(),
		volumeattributesclasses.Resource(),
	}
}

func TestAResourceIsStoredWhereUpstreamStoresIt(t *testing.T) {
	t.Parallel()
	options := genericoptions.NewEtcdOptions(storagebackend.NewDefaultConfig("/registry", nil))
	config := kubeapiserver.NewStorageFactoryConfig()
	config.APIResourceConfig = upstream.DefaultAPIResourceConfigSource()
	factory, err := config.Complete(options).New()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range resources() {
		resource := schema.GroupResource{Group: g.Resource.Versions[0].Group, Resource: g.Resource.Name}
		if got, want := cmp.Or(g.Resource.StoredIn, g.Resource.Name), factory.ResourcePrefix(resource); got != want {
			t.Errorf("%v are stored in %s, upstream has them in %s", resource, got, want)
		}
	}
}

// Resources that are served one by one are those of the whole API: so says a client, and so does the whole API, over the
// same store.
func TestResourcesOneByOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	parts := []controlplane.Part{serve.Groups(), controlplane.Groups{Groups: resources()}}
	c, stop := run(t, dir, parts...)
	c.describesItself()

	ctx := t.Context()
	node, err := c.CoreV1().Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "one"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pods := c.CoreV1().Pods("default")
	for _, name := range []string{"stays", "goes"} {
		privileged := true
		_, err := pods.Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "c", Image: "i", SecurityContext: &corev1.SecurityContext{Privileged: &privileged},
		}}}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := pods.Bind(ctx, &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: "stays"}, Target: corev1.ObjectReference{Kind: "Node", Name: "one"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := pods.EvictV1(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "goes"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := pods.Get(ctx, "goes", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the evicted pod: %v", err)
	}
	if err := c.post("/apis/toys.example.com/v1/namespaces/nowhere/robots", robot("r", "")); !apierrors.IsNotFound(err) {
		t.Errorf("a robot in a namespace that is not there: %v", err)
	}
	c.create("/apis/toys.example.com/v1/namespaces/default/robots", robot("r", ""))
	first := c.service("first", "")
	if c.service("second", "").Spec.Ports[0].NodePort == first.Spec.Ports[0].NodePort {
		t.Error("two services have a node port")
	}
	stop()

	// What services have is theirs after a restart.
	c, stop = run(t, dir, parts...)
	_, err = c.CoreV1().Services("default").Create(ctx, service("third", first.Spec.ClusterIP), metav1.CreateOptions{})
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "already allocated") {
		t.Errorf("a service with the address of another: %v", err)
	}
	c.service("third", "")
	stop()

	c, stop = run(t, dir, serve.Groups(), kubernetes.All())
	defer stop()
	if same, err := c.CoreV1().Nodes().Get(ctx, "one", metav1.GetOptions{}); err != nil || same.UID != node.UID {
		t.Errorf("the node, in the whole API: %v, %v", same, err)
	}
	if bound, err := c.CoreV1().Pods("default").Get(ctx, "stays", metav1.GetOptions{}); err != nil || bound.Spec.NodeName != "one" {
		t.Errorf("the pod, in the whole API: %v, %v", bound, err)
	}
	if same, err := c.CoreV1().Services("default").Get(ctx, "first", metav1.GetOptions{}); err != nil || same.Spec.ClusterIP != first.Spec.ClusterIP {
		t.Errorf("the service, in the whole API: %v, %v", same, err)
	}
}

func TestAResourceBesideTheWholeIsRefused(t *testing.T) {
	t.Parallel()
	_, err := controlplane.Start(t.Context(), options(t.TempDir()), controlplane.Groups{Groups: []apiserver.Group{nodes.Resource()}}, kubernetes.All())
	if err == nil || !strings.Contains(err.Error(), "nodes are served by the whole built-in API already") {
		t.Errorf("got %v", err)
	}
}

// run starts a control plane whose folder outlives it, with clients that speak protobuf where they can.
func run(t *testing.T, dir string, parts ...controlplane.Part) (*cluster, func()) {
	t.Helper()
	plane, err := controlplane.Start(t.Context(), options(dir), parts...)
	if err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, filepath.Dir(options(dir).PKI), plane)
	binary := *c.config
	binary.ContentType = runtime.ContentTypeProtobuf
	if c.Clientset, err = clientset.NewForConfig(&binary); err != nil {
		t.Fatal(err)
	}
	return c, func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	}
}

// describesItself asks for all resources and documents that there are.
func (c *cluster) describesItself() {
	c.t.Helper()
	lists, err := c.Discovery().ServerPreferredResources()
	if err != nil {
		c.t.Fatal(err)
	}
	found := map[string]bool{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, r := range list.APIResources {
			found[gv.WithResource(r.Name).GroupResource().String()] = true
			if _, err := c.objects.Resource(gv.WithResource(r.Name)).List(c.t.Context(), metav1.ListOptions{}); err != nil {
				c.t.Errorf("list of %s in %s: %v", r.Name, gv, err)
			}
		}
	}
	for _, g := range resources() {
		for _, gv := range g.Resource.Versions {
			if !found[gv.WithResource(g.Resource.Name).GroupResource().String()] {
				c.t.Errorf("%s in %s is not served", g.Resource.Name, gv.Group)
			}
		}
	}
	c.get("/openapi/v2")
	var index struct {
		Paths map[string]struct{ ServerRelativeURL string }
	}
	if err := json.Unmarshal([]byte(c.get("/openapi/v3")), &index); err != nil {
		c.t.Fatal(err)
	}
	for path := range index.Paths {
		c.get("/openapi/v3/" + path)
	}
	if !strings.Contains(c.get("/openapi/v3/api/v1"), `"io.k8s.api.core.v1.Node":`) {
		c.t.Error("nodes are not described")
	}
}

func service(name, address string) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeNodePort, ClusterIP: address, Ports: []corev1.ServicePort{{Port: 80}},
	}}
}

// service makes a service that has an address and a node port.
func (c *cluster) service(name, address string) *corev1.Service {
	c.t.Helper()
	made, err := c.CoreV1().Services("default").Create(c.t.Context(), service(name, address), metav1.CreateOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	if !strings.HasPrefix(made.Spec.ClusterIP, "10.") || made.Spec.Ports[0].NodePort == 0 {
		c.t.Errorf("%s has address %q and node port %d", name, made.Spec.ClusterIP, made.Spec.Ports[0].NodePort)
	}
	return made
}
