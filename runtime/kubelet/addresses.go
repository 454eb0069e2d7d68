package kubelet

import (
	"net/netip"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// spareRange is where pods have their addresses from whose node has no range, or none left in it: that of carriers (RFC 6598), which no
// service or node has.
const spareRange = "100.64.0.0/10"

// addresses gives pods their addresses: each its own.
type addresses struct {
	mu sync.Mutex
	// used has who has an address.
	used map[netip.Addr]types.UID
	// of has the addresses of a pod.
	of map[types.UID][]netip.Addr
	// last is the address of a range that was given last.
	last map[netip.Prefix]netip.Addr
}

func newAddresses() *addresses {
	return &addresses{used: map[netip.Addr]types.UID{}, of: map[types.UID][]netip.Addr{}, last: map[netip.Prefix]netip.Addr{}}
}

// keep notes the addresses that a pod has already.
func (a *addresses) keep(pod *corev1.Pod) {
	if pod.Spec.HostNetwork || len(pod.Status.PodIPs) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.of[pod.UID]) > 0 {
		return
	}
	for _, ip := range pod.Status.PodIPs {
		if addr, err := netip.ParseAddr(ip.IP); err == nil {
			a.used[addr] = pod.UID
			a.of[pod.UID] = append(a.of[pod.UID], addr)
		}
	}
}

// release takes a pod's addresses back.
func (a *addresses) release(pod types.UID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, addr := range a.of[pod] {
		delete(a.used, addr)
	}
	delete(a.of, pod)
}

// get returns the addresses of a pod: one in each of the ranges of its node. They stay the pod's until they are released.
func (a *addresses) get(pod types.UID, ranges []string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.of[pod]) == 0 {
		for _, text := range ranges {
			if addr, ok := a.next(text); ok {
				a.used[addr] = pod
				a.of[pod] = append(a.of[pod], addr)
			}
		}
	}
	if len(a.of[pod]) == 0 {
		if addr, ok := a.next(spareRange); ok {
			a.used[addr] = pod
			a.of[pod] = append(a.of[pod], addr)
		}
	}
	texts := make([]string, 0, len(a.of[pod]))
	for _, addr := range a.of[pod] {
		texts = append(texts, addr.String())
	}
	return texts
}

// next returns an address of a range that nobody has. Those given back are not the first to be given again.
func (a *addresses) next(text string) (netip.Addr, bool) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Addr{}, false
	}
	prefix = prefix.Masked()
	begin, ok := a.last[prefix]
	if !ok {
		begin = prefix.Addr() // the network's own, which no pod has
	}
	addr := begin
	for range len(a.used) + 2 {
		if addr = addr.Next(); !prefix.Contains(addr) {
			addr = prefix.Addr().Next()
		}
		if _, taken := a.used[addr]; !taken && prefix.Contains(addr) && prefix.Contains(addr.Next()) {
			a.last[prefix] = addr
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// rangesOf are the ranges of a node's pods.
func rangesOf(node *corev1.Node) []string {
	switch {
	case node == nil:
		return nil
	case len(node.Spec.PodCIDRs) > 0:
		return node.Spec.PodCIDRs
	case node.Spec.PodCIDR != "":
		return []string{node.Spec.PodCIDR}
	}
	return nil
}
