package etcd

import (
	"context"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// KV answers the key-value calls of an etcd server, with its errors.
type KV struct {
	store *mvcc.Store
}

// NewKV returns the key-value calls over store.
func NewKV(store *mvcc.Store) *KV { return &KV{store: store} }

// Range reads keys.
func (k *KV) Range(ctx context.Context, r *pb.RangeRequest) (*pb.RangeResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkRange(r); err != nil {
		return nil, err
	}
	o := mvcc.RangeOptions{Revision: r.Revision, CountOnly: r.CountOnly}
	if !reordered(r) {
		o.Limit = r.Limit
	}
	result, err := k.store.Range(string(r.Key), string(r.RangeEnd), o)
	if err != nil {
		return nil, ServerError(err)
	}
	return rangeResponse(r, result.KVs, result.Count, result.Revision), nil
}

// Put writes a key.
func (k *KV) Put(ctx context.Context, r *pb.PutRequest) (*pb.PutResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkPut(r); err != nil {
		return nil, err
	}
	var response *pb.PutResponse
	revision, err := k.store.Update(func(t *mvcc.Txn) (err error) {
		response, err = put(t, r)
		return err
	})
	if err != nil {
		return nil, ServerError(err)
	}
	response.Header = Header(revision)
	return response, nil
}

// DeleteRange deletes keys.
func (k *KV) DeleteRange(ctx context.Context, r *pb.DeleteRangeRequest) (*pb.DeleteRangeResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(r.Key) == 0 {
		return nil, rpctypes.ErrGRPCEmptyKey
	}
	var response *pb.DeleteRangeResponse
	revision, err := k.store.Update(func(t *mvcc.Txn) error {
		response = deleteRange(t, r)
		return nil
	})
	if err != nil {
		return nil, ServerError(err)
	}
	response.Header = Header(revision)
	return response, nil
}

// Txn does several things as one step.
func (k *KV) Txn(ctx context.Context, r *pb.TxnRequest) (*pb.TxnResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkTxn(r); err != nil {
		return nil, err
	}
	var response *pb.TxnResponse
	revision, err := k.store.Update(func(t *mvcc.Txn) (err error) {
		response, err = txn(t, r)
		return err
	})
	if err != nil {
		return nil, ServerError(err)
	}
	response.Header = Header(revision)
	return response, nil
}

// Compact drops history.
func (k *KV) Compact(ctx context.Context, r *pb.CompactionRequest) (*pb.CompactionResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := k.store.Compact(r.Revision); err != nil {
		return nil, ServerError(err)
	}
	return &pb.CompactionResponse{Header: Header(k.store.Revision())}, nil
}

func put(t *mvcc.Txn, r *pb.PutRequest) (*pb.PutResponse, error) {
	key, value, lease := string(r.Key), r.Value, r.Lease
	if r.IgnoreValue || r.IgnoreLease {
		current := t.Get(key)
		if current == nil {
			return nil, rpctypes.ErrGRPCKeyNotFound
		}
		if r.IgnoreValue {
			value = current.Value
		}
		if r.IgnoreLease {
			lease = current.Lease
		}
	}
	prev, err := t.Put(key, value, lease)
	if err != nil {
		return nil, err
	}
	response := &pb.PutResponse{Header: Header(t.Revision())}
	if r.PrevKv {
		response.PrevKv = prev
	}
	return response, nil
}

func deleteRange(t *mvcc.Txn, r *pb.DeleteRangeRequest) *pb.DeleteRangeResponse {
	response := &pb.DeleteRangeResponse{Header: Header(t.Revision())}
	for _, kv := range t.Keys(string(r.Key), string(r.RangeEnd)) {
		t.Delete(string(kv.Key))
		response.Deleted++
		if r.PrevKv {
			response.PrevKvs = append(response.PrevKvs, kv)
		}
	}
	return response
}
