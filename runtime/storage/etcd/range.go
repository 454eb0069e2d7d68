package etcd

import (
	"bytes"
	"cmp"
	"slices"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// reordered says whether all keys must be read before the limit applies: because they are sorted or filtered.
func reordered(r *pb.RangeRequest) bool {
	return r.SortOrder != pb.RangeRequest_NONE && !(r.SortTarget == pb.RangeRequest_KEY && r.SortOrder == pb.RangeRequest_ASCEND) ||
		r.SortTarget != pb.RangeRequest_KEY || filtered(r)
}

func filtered(r *pb.RangeRequest) bool {
	return r.MinModRevision != 0 || r.MaxModRevision != 0 || r.MinCreateRevision != 0 || r.MaxCreateRevision != 0
}

// rangeResponse filters, sorts and cuts the keys that were read, as etcd does: the count is that of the range.
func rangeResponse(r *pb.RangeRequest, kvs []*mvcc.KeyValue, count, revision int64) *pb.RangeResponse {
	response := &pb.RangeResponse{Header: Header(revision), Count: count}
	if r.CountOnly {
		return response
	}
	total := count
	if filtered(r) {
		kvs = slices.DeleteFunc(kvs, func(kv *mvcc.KeyValue) bool { return outside(r, kv) })
		total = int64(len(kvs))
	}
	if reordered(r) {
		order(r, kvs)
	}
	if r.Limit > 0 && int64(len(kvs)) > r.Limit {
		kvs = kvs[:r.Limit]
	}
	response.More = int64(len(kvs)) < total
	if r.KeysOnly {
		for i, kv := range kvs {
			kvs[i] = &mvcc.KeyValue{Key: kv.Key, CreateRevision: kv.CreateRevision, ModRevision: kv.ModRevision, Version: kv.Version, Lease: kv.Lease}
		}
	}
	response.Kvs = kvs
	return response
}

func outside(r *pb.RangeRequest, kv *mvcc.KeyValue) bool {
	return kv.ModRevision < r.MinModRevision ||
		r.MaxModRevision != 0 && kv.ModRevision > r.MaxModRevision ||
		kv.CreateRevision < r.MinCreateRevision ||
		r.MaxCreateRevision != 0 && kv.CreateRevision > r.MaxCreateRevision
}

func order(r *pb.RangeRequest, kvs []*mvcc.KeyValue) {
	slices.SortStableFunc(kvs, func(a, b *mvcc.KeyValue) int {
		var d int
		switch r.SortTarget {
		case pb.RangeRequest_KEY:
			d = bytes.Compare(a.Key, b.Key)
		case pb.RangeRequest_VERSION:
			d = cmp.Compare(a.Version, b.Version)
		case pb.RangeRequest_CREATE:
			d = cmp.Compare(a.CreateRevision, b.CreateRevision)
		case pb.RangeRequest_MOD:
			d = cmp.Compare(a.ModRevision, b.ModRevision)
		case pb.RangeRequest_VALUE:
			d = bytes.Compare(a.Value, b.Value)
		}
		if r.SortOrder == pb.RangeRequest_DESCEND {
			d = -d
		}
		return d
	})
}

func checkRange(r *pb.RangeRequest) error {
	if len(r.Key) == 0 {
		return rpctypes.ErrGRPCEmptyKey
	}
	_, order := pb.RangeRequest_SortOrder_name[int32(r.SortOrder)]
	_, target := pb.RangeRequest_SortTarget_name[int32(r.SortTarget)]
	if !order || !target {
		return rpctypes.ErrGRPCInvalidSortOption
	}
	return nil
}

func checkPut(r *pb.PutRequest) error {
	switch {
	case len(r.Key) == 0:
		return rpctypes.ErrGRPCEmptyKey
	case r.IgnoreValue && len(r.Value) != 0:
		return rpctypes.ErrGRPCValueProvided
	case r.IgnoreLease && r.Lease != 0:
		return rpctypes.ErrGRPCLeaseProvided
	}
	return nil
}

// streamChunk is how many keys a stream hands over at a time.
const streamChunk = 1000

// NextChunk takes the next keys of a range, for a stream, and says whether more are left. Only the last chunk has a header
// and the count.
func NextChunk(r *pb.RangeResponse) (chunk *pb.RangeResponse, more bool) {
	if len(r.Kvs) <= streamChunk {
		return r, false
	}
	chunk = &pb.RangeResponse{Kvs: r.Kvs[:streamChunk:streamChunk]}
	r.Kvs = r.Kvs[streamChunk:]
	return chunk, true
}
