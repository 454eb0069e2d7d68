package kubernetes

import (
	"context"
	"net"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/server/egressselector"
	kubeletclient "k8s.io/kubernetes/pkg/kubelet/client"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// dialNodes makes the API server reach kubelets in this process, for logs, exec and the like, by a dialer that knows them, and all others
// as before.
func dialNodes(config *kubeletclient.KubeletClientConfig, inProcess controlplane.DialNode) {
	if inProcess == nil {
		return
	}
	before := config.Lookup
	config.Lookup = func(of egressselector.NetworkContext) (utilnet.DialFunc, error) {
		dial := utilnet.DialFunc((&net.Dialer{}).DialContext)
		if before != nil {
			selected, err := before(of)
			if err != nil {
				return nil, err
			}
			if selected != nil {
				dial = selected
			}
		}
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			if conn, err := inProcess(ctx, address); conn != nil || err != nil {
				return conn, err
			}
			return dial(ctx, network, address)
		}, nil
	}
}
