package kubelet

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/netip"
	"strconv"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

const (
	// outage is the annotation of a node that is to fail.
	outage = "kubecraft.io/outage"
	// byNode is the index of pods by their node.
	byNode = "kubecraft.io/node"
	// nodeRange is where simulated nodes have their addresses from: a private range (RFC 1918) that neither pods nor services have.
	nodeRange = "172.16.0.0/12"
	zones     = 3
)

// fleet is the nodes that are simulated, and their pods.
type fleet struct {
	client    kubernetes.Interface
	nodes     cache.SharedIndexInformer
	pods      cache.SharedIndexInformer
	addresses *addresses
	// played is told of pods whose node is simulated from now on. Nil if there are no stages of pods.
	played *player
	leases *leases
}

func newFleet(client kubernetes.Interface, shared informers.SharedInformerFactory) (*fleet, error) {
	f := &fleet{client: client, nodes: shared.Core().V1().Nodes().Informer(), pods: shared.Core().V1().Pods().Informer(),
		addresses: newAddresses(), leases: newLeases(client)}
	if _, indexed := f.pods.GetIndexer().GetIndexers()[byNode]; !indexed {
		if err := f.pods.AddIndexers(cache.Indexers{byNode: func(of any) ([]string, error) {
			if pod, ok := of.(*corev1.Pod); ok && pod.Spec.NodeName != "" {
				return []string{pod.Spec.NodeName}, nil
			}
			return nil, nil
		}}); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// managesNode says whether a node is simulated.
func (f *fleet) managesNode(o object) bool {
	annotations := o.GetAnnotations()
	return annotations[Annotation] == simulated && annotations[outage] != "true"
}

// managesPod says whether a pod is on a node that is simulated.
func (f *fleet) managesPod(o object) bool {
	pod, ok := o.(*corev1.Pod)
	if !ok || pod.Spec.NodeName == "" {
		return false
	}
	node := f.node(pod.Spec.NodeName)
	if node == nil || !f.managesNode(node) {
		return false
	}
	f.addresses.keep(pod)
	return true
}

func (f *fleet) releasePod(o object) { f.addresses.release(o.GetUID()) }

func (f *fleet) node(name string) *corev1.Node {
	of, exists, err := f.nodes.GetStore().GetByKey(name)
	if err != nil || !exists {
		return nil
	}
	return of.(*corev1.Node)
}

// nodeIPs returns the addresses of a node: those in its status, or one that its name decides.
func (f *fleet) nodeIPs(name string) []string {
	var ips []string
	if node := f.node(name); node != nil {
		for _, address := range node.Status.Addresses {
			if address.Type == corev1.NodeInternalIP {
				ips = append(ips, address.Address)
			}
		}
	}
	if len(ips) == 0 {
		ips = append(ips, nodeAddress(name).String())
	}
	return ips
}

// podIPs returns the addresses of a pod.
func (f *fleet) podIPs(o object) []string {
	pod, ok := o.(*corev1.Pod)
	if !ok {
		return []string{""}
	}
	if pod.Spec.HostNetwork {
		return f.nodeIPs(pod.Spec.NodeName)
	}
	return f.addresses.get(pod.UID, rangesOf(f.node(pod.Spec.NodeName)))
}

// nodeAddress returns the address of a node: of node-7 the seventh, of any other one far behind those.
func nodeAddress(name string) netip.Addr {
	prefix := netip.MustParsePrefix(nodeRange)
	at := uint32(0)
	if _, err := fmt.Sscanf(name, "node-%d", &at); err != nil || at >= maxNodes || nodeNameOf(int(at)) != name {
		h := fnv.New32a()
		_, _ = h.Write([]byte(name))
		at = maxNodes + h.Sum32()%(1<<20-2*maxNodes)
	}
	base := prefix.Addr().As4()
	n := uint32(base[0])<<24 | uint32(base[1])<<16 | uint32(base[2])<<8 | uint32(base[3])
	n += at + 1
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func nodeNameOf(i int) string { return "node-" + strconv.Itoa(i) }

// make makes the nodes that are missing of the first n.
func (f *fleet) make(ctx context.Context, n int) error {
	var making errgroup.Group
	making.SetLimit(workers)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		if f.node(nodeNameOf(i)) != nil {
			continue
		}
		making.Go(func() error {
			_, err := f.client.CoreV1().Nodes().Create(ctx, newNode(i), metav1.CreateOptions{})
			if apierrors.IsAlreadyExists(err) || ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return fmt.Errorf("node %s: %w", nodeNameOf(i), err)
			}
			return nil
		})
	}
	return making.Wait()
}

// newNode returns a node as a kubelet registers it: its status is there from the first.
func newNode(i int) *corev1.Node {
	name, now := nodeNameOf(i), metav1.Now()
	zone := "zone-" + string(rune('a'+i%zones))
	resources := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"),
		corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	condition := func(of corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{Type: of, Status: status, Reason: reason, Message: message, LastHeartbeatTime: now, LastTransitionTime: now}
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{Annotation: simulated},
			Labels: map[string]string{
				corev1.LabelHostname: name, corev1.LabelArchStable: "amd64", corev1.LabelOSStable: "linux",
				// As a kubelet does it; otherwise a controller adds them, one node at a time.
				"beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
				corev1.LabelTopologyRegion: "local", corev1.LabelTopologyZone: zone,
			},
		},
		Status: corev1.NodeStatus{
			Phase:       corev1.NodeRunning,
			Capacity:    resources,
			Allocatable: resources,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: nodeAddress(name).String()},
				{Type: corev1.NodeHostName, Address: name},
			},
			Conditions: []corev1.NodeCondition{
				condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
				condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
				condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
				condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
			},
			NodeInfo: corev1.NodeSystemInfo{
				Architecture: "amd64", OperatingSystem: "linux", OSImage: "simulated", KernelVersion: "simulated",
				KubeletVersion: apiserver.KubernetesVersion, ContainerRuntimeVersion: "simulated://1.0",
			},
		},
	}
}
