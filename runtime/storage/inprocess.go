package storage

import (
	"context"
	"sync"

	"k8s.io/apiserver/pkg/storage"
	etcdfeature "k8s.io/apiserver/pkg/storage/feature"

	"github.com/kubecraft/kubecraft/runtime/storage/etcd"
	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// inProcess puts the client of a server over a store in this process, and starts its compaction.
func inProcess(store *mvcc.Store, c *compaction) *Store {
	overrideFeatures.Do(supportProgress)
	ctx, stop := context.WithCancel(context.Background())
	client := etcd.NewClient(store)
	s := &Store{
		strings:   newInterned(),
		client:    client,
		compactor: revisions{store},
		mvcc:      store,
		stop:      stop,
		resources: map[*resource]struct{}{}, prefixes: map[string]struct{}{},
		closers: []func() error{func() error {
			_ = client.Close() // it reports the end of its context, nothing else
			store.Close()
			return nil
		}},
	}
	s.running.Go(func() { c.run(ctx) })
	return s
}

// revisions tells upstream's caches how far history is gone. It implements etcd3.Compactor.
type revisions struct {
	store *mvcc.Store
}

// CompactRevision implements etcd3.Compactor.
func (r revisions) CompactRevision() int64 { return r.store.CompactRevision() }

// overrideFeatures guards the one thing of upstream's that has to be replaced for the whole process.
var overrideFeatures sync.Once

// supportProgress makes upstream know that the stores here answer requests for watch progress. Its own check asks
// the version of each endpoint (pkg/storage/feature), and a client with none never passes; watch caches then
// refuse streaming lists. A version of etcd that lacks the call is older than all that 1.37 supports.
func supportProgress() {
	etcdfeature.DefaultFeatureSupportChecker = progressSupport{etcdfeature.NewDefaultFeatureSupportChecker()}
}

// progressSupport embeds upstream's checker because one of its methods takes an unexported type.
type progressSupport struct {
	etcdfeature.FeatureSupportChecker
}

// Supports implements etcdfeature.FeatureSupportChecker.
func (f progressSupport) Supports(feature storage.Feature) bool {
	return feature == storage.RequestWatchProgress || f.FeatureSupportChecker.Supports(feature)
}
