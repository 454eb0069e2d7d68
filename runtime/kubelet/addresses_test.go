package kubelet

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func ownedByJob() metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "batch/v1", Kind: "Job", Name: "j", UID: "j"}
}

// Every pod has an address of its own, of its node's range while that has one, and the same for as long as it lives.
func TestAddresses(t *testing.T) {
	a := newAddresses()
	ranges := []string{"10.1.2.0/29", "fd00::/64"}
	seen := map[string]bool{}
	for i := range 6 { // the range's eight but the first and the last
		ips := a.get(types.UID(fmt.Sprint(i)), ranges)
		if len(ips) != 2 || !strings.HasPrefix(ips[0], "10.1.2.") || seen[ips[0]] {
			t.Errorf("pod %d has %v", i, ips)
		}
		seen[ips[0]] = true
		if again := a.get(types.UID(fmt.Sprint(i)), ranges); again[0] != ips[0] {
			t.Errorf("pod %d has %v, had %v", i, again, ips)
		}
	}
	if ips := a.get("full", ranges[:1]); len(ips) != 1 || !netip.MustParsePrefix(spareRange).Contains(netip.MustParseAddr(ips[0])) {
		t.Errorf("of a range that is full: %v", ips)
	}
	a.release("3")
	if ips := a.get("new", ranges[:1]); !strings.HasPrefix(ips[0], "10.1.2.") {
		t.Errorf("after one was given back: %v", ips)
	}
	for _, wrong := range []string{"", "nonsense", "10.0.0.1"} {
		if ips := a.get(types.UID("without "+wrong), []string{wrong}); len(ips) != 1 {
			t.Errorf("of the range %q: %v", wrong, ips)
		}
	}
}

// What pods have already, after a restart, nobody else gets.
func TestAddressesAreKept(t *testing.T) {
	a := newAddresses()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "old"}, Status: corev1.PodStatus{PodIPs: []corev1.PodIP{{IP: "10.1.2.1"}}}}
	a.keep(pod)
	a.keep(pod)
	if ips := a.get("new", []string{"10.1.2.0/24"}); ips[0] != "10.1.2.2" {
		t.Errorf("a new pod has %v", ips)
	}
	if ips := a.get("old", []string{"10.1.2.0/24"}); ips[0] != "10.1.2.1" {
		t.Errorf("the old one has %v", ips)
	}
}

func TestNodeAddresses(t *testing.T) {
	seen := map[netip.Addr]string{}
	prefix := netip.MustParsePrefix(nodeRange)
	for i := range maxNodes {
		at := nodeAddress(nodeNameOf(i))
		if other, taken := seen[at]; taken || !prefix.Contains(at) {
			t.Fatalf("%s has the address %s (%s)", nodeNameOf(i), at, other)
		}
		seen[at] = nodeNameOf(i)
	}
	for _, name := range []string{"worker", "node-007", "node-", "node-100000", "node--1"} {
		if at := nodeAddress(name); !prefix.Contains(at) || seen[at] != "" {
			t.Errorf("%s has the address %s (%s)", name, at, seen[at])
		}
	}
}
