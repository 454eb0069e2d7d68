package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/kubernetes"
	"go.uber.org/zap"
	"k8s.io/apiserver/pkg/storage/etcd3"
	"k8s.io/utils/clock"
)

// dialTimeout is how long the first answer of etcd servers may take.
const dialTimeout = 5 * time.Second

// openEtcd connects to etcd servers, with the settings of k8s.io/apiserver/pkg/storage/storagebackend/factory.
func openEtcd(ctx context.Context, o Options) (*Store, error) {
	client, err := kubernetes.New(clientv3.Config{
		Endpoints:            o.Endpoints,
		DialTimeout:          dialTimeout,
		DialKeepAliveTime:    30 * time.Second,
		DialKeepAliveTimeout: 10 * time.Second,
		Logger:               zap.NewNop(), // what fails is returned
	})
	if err != nil {
		return nil, fmt.Errorf("etcd endpoints %s: %w", strings.Join(o.Endpoints, ","), err)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if _, err := client.KV.Get(ctx, "/"); err != nil {
		_ = client.Close()
		return nil, fmt.Errorf("no answer from etcd at %s (%w): start it, or correct the endpoints", strings.Join(o.Endpoints, ","), err)
	}
	client.KV = etcd3.NewETCDLatencyTracker(client.KV)
	s := &Store{client: client, strings: newInterned(), stop: func() {}, resources: map[*resource]struct{}{}, prefixes: map[string]struct{}{}, closers: []func() error{client.Close}}
	if o.Compaction > 0 {
		compactor := etcd3.NewCompactor(client.Client, o.Compaction, clock.RealClock{}, func() {})
		s.compactor, s.stop = compactor, compactor.Stop
	}
	return s, nil
}
