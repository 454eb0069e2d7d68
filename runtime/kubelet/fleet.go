package kubelet

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/netip"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

const (
	// outage is the annotation of a node that is to fail.
	outage = "kubecraft.io/outage"
	// byNode is the index of pods by their node.
	byNode = "kubecraft.io/node"
	// nodeRange is where simulated nodes have their addresses from: a private range (RFC 1918) that neither pods nor services have.
	nodeRange = "172.16.0.0/12"
	// podRanges is where nodes that are made here have the ranges of their pods from, each one of podRangeBits: the upper half of what kube-controller-manager
	// gives all others theirs from, beginning at the lower end. It need not write to the node then.
	podRanges    = "10.128.0.0/9"
	podRangeBits = 24
	zones        = 3
)

// fleet is the nodes that are simulated, and their pods; or a node of one's own.
type fleet struct {
	// own is the name of the one node, which is not simulated. Empty for those that are.
	own       string
	client    kubernetes.Interface
	nodes     cache.SharedIndexInformer
	pods      cache.SharedIndexInformer
	addresses *addresses
	// played is told of pods whose node is simulated from now on. Nil if there are no stages of pods.
	played *player
	leases *leases
	// simulated and metrics are what nodes answer with.
	simulated *simulation
	metrics   *scrapes
	// wanted is where users say how many nodes there are to be.
	wanted cache.SharedIndexInformer
}

func newFleet(client kubernetes.Interface, shared informers.SharedInformerFactory, server server) (*fleet, error) {
	f := &fleet{client: client, nodes: shared.Core().V1().Nodes().Informer(), pods: shared.Core().V1().Pods().Informer(),
		addresses: newAddresses(), leases: newLeases(client, server), wanted: shared.Core().V1().ConfigMaps().Informer()}
	indexed := func() bool { return f.pods.GetIndexer().GetIndexers()[byNode] != nil }
	if !indexed() {
		if err := f.pods.AddIndexers(cache.Indexers{byNode: func(of any) ([]string, error) {
			if pod, ok := of.(*corev1.Pod); ok && pod.Spec.NodeName != "" {
				return []string{pod.Spec.NodeName}, nil
			}
			return nil, nil
		}}); err != nil && !indexed() { // by another part, meanwhile
			return nil, err
		}
	}
	return f, nil
}

// managesNode says whether a node is the fleet's.
func (f *fleet) managesNode(o object) bool {
	if f.own != "" {
		return o.GetName() == f.own
	}
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
	return nth(prefix.Addr(), at+1)
}

// podRangeOf returns the range of the pods of node-i, empty if that is for a controller to say.
func podRangeOf(i int) string {
	prefix := netip.MustParsePrefix(podRanges)
	if i >= 1<<(podRangeBits-prefix.Bits()) {
		return ""
	}
	return netip.PrefixFrom(nth(prefix.Addr(), uint32(i)<<(32-podRangeBits)), podRangeBits).String()
}

// nth returns the address that is n after another.
func nth(base netip.Addr, n uint32) netip.Addr {
	of := base.As4()
	binary.BigEndian.PutUint32(of[:], binary.BigEndian.Uint32(of[:])+n)
	return netip.AddrFrom4(of)
}

func nodeNameOf(i int) string { return "node-" + strconv.Itoa(i) }
