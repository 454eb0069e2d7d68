package etcd

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// NewClient returns an etcd client that reaches store without a network. It has no endpoints, and neither
// maintenance, cluster nor authentication calls.
func NewClient(store *mvcc.Store) *kubernetes.Client {
	c := clientv3.NewCtxClient(context.Background())
	c.KV = clientv3.NewKVFromKVClient(localKV{NewKV(store)}, nil)
	c.Watcher = watcher{store}
	c.Lease = leases{store}
	return &kubernetes.Client{Client: c, Kubernetes: objects{store}}
}
