package etcd

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// objects is the part of the client that nearly all requests of an API server take: it goes straight to the
// store, with no etcd messages between.
type objects struct {
	store *mvcc.Store
}

var _ kubernetes.Interface = objects{}

// Get implements kubernetes.Interface.
func (o objects) Get(ctx context.Context, key string, opts kubernetes.GetOptions) (kubernetes.GetResponse, error) {
	if err := ctx.Err(); err != nil {
		return kubernetes.GetResponse{}, err
	}
	kv, revision, err := o.store.Get(key, opts.Revision)
	if err != nil {
		return kubernetes.GetResponse{}, clientError(err)
	}
	return kubernetes.GetResponse{KV: kv, Revision: revision}, nil
}

// List implements kubernetes.Interface.
func (o objects) List(ctx context.Context, prefix string, opts kubernetes.ListOptions) (kubernetes.ListResponse, error) {
	if err := ctx.Err(); err != nil {
		return kubernetes.ListResponse{}, err
	}
	start := prefix
	if opts.Continue != "" {
		start = opts.Continue
	}
	r, err := o.store.Range(start, clientv3.GetPrefixRangeEnd(prefix), mvcc.RangeOptions{Revision: opts.Revision, Limit: opts.Limit})
	if err != nil {
		return kubernetes.ListResponse{}, clientError(err)
	}
	return kubernetes.ListResponse{Kvs: r.KVs, Count: r.Count, Revision: r.Revision}, nil
}

// Count implements kubernetes.Interface.
func (o objects) Count(ctx context.Context, prefix string, _ kubernetes.CountOptions) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	r, err := o.store.Range(prefix, clientv3.GetPrefixRangeEnd(prefix), mvcc.RangeOptions{CountOnly: true})
	return r.Count, clientError(err)
}

// OptimisticPut implements kubernetes.Interface.
func (o objects) OptimisticPut(ctx context.Context, key string, value []byte, expectedRevision int64, opts kubernetes.PutOptions) (kubernetes.PutResponse, error) {
	var response kubernetes.PutResponse
	if err := ctx.Err(); err != nil {
		return response, err
	}
	revision, err := o.store.Update(func(t *mvcc.Txn) error {
		response = kubernetes.PutResponse{}
		current := t.Get(key)
		if modRevision(current) != expectedRevision {
			if opts.GetOnFailure {
				response.KV = current
			}
			return nil
		}
		response.Succeeded = true
		_, err := t.Put(key, value, int64(opts.LeaseID))
		return err
	})
	if err != nil {
		return kubernetes.PutResponse{}, clientError(err)
	}
	response.Revision = revision
	return response, nil
}

// OptimisticDelete implements kubernetes.Interface.
func (o objects) OptimisticDelete(ctx context.Context, key string, expectedRevision int64, opts kubernetes.DeleteOptions) (kubernetes.DeleteResponse, error) {
	var response kubernetes.DeleteResponse
	if err := ctx.Err(); err != nil {
		return response, err
	}
	revision, err := o.store.Update(func(t *mvcc.Txn) error {
		response = kubernetes.DeleteResponse{}
		current := t.Get(key)
		if modRevision(current) != expectedRevision {
			if opts.GetOnFailure {
				response.KV = current
			}
			return nil
		}
		response.Succeeded = true
		t.Delete(key)
		return nil
	})
	if err != nil {
		return kubernetes.DeleteResponse{}, clientError(err)
	}
	response.Revision = revision
	return response, nil
}

// modRevision returns the revision that etcd compares for a key: zero if it is not there.
func modRevision(kv *mvcc.KeyValue) int64 {
	if kv == nil {
		return 0
	}
	return kv.ModRevision
}
