package etcd

import (
	"bytes"
	"cmp"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// txn does the steps of r, in order, each seeing what those before it did.
func txn(t *mvcc.Txn, r *pb.TxnRequest) (*pb.TxnResponse, error) {
	response := &pb.TxnResponse{Succeeded: true}
	for _, c := range r.Compare {
		if !holds(t, c) {
			response.Succeeded = false
			break
		}
	}
	steps := r.Success
	if !response.Succeeded {
		steps = r.Failure
	}
	for _, step := range steps {
		out, err := do(t, step)
		if err != nil {
			return nil, err
		}
		response.Responses = append(response.Responses, out)
	}
	response.Header = Header(revisionOf(t))
	return response, nil
}

// revisionOf returns the revision that a response inside a transaction carries.
func revisionOf(t *mvcc.Txn) int64 {
	if t.Changed() {
		return t.Revision()
	}
	return t.Revision() - 1
}

func do(t *mvcc.Txn, step *pb.RequestOp) (*pb.ResponseOp, error) {
	switch r := step.Request.(type) {
	case *pb.RequestOp_RequestRange:
		response, err := readIn(t, r.RequestRange)
		return &pb.ResponseOp{Response: &pb.ResponseOp_ResponseRange{ResponseRange: response}}, err
	case *pb.RequestOp_RequestPut:
		response, err := put(t, r.RequestPut)
		return &pb.ResponseOp{Response: &pb.ResponseOp_ResponsePut{ResponsePut: response}}, err
	case *pb.RequestOp_RequestDeleteRange:
		response := deleteRange(t, r.RequestDeleteRange)
		return &pb.ResponseOp{Response: &pb.ResponseOp_ResponseDeleteRange{ResponseDeleteRange: response}}, nil
	case *pb.RequestOp_RequestTxn:
		response, err := txn(t, r.RequestTxn)
		return &pb.ResponseOp{Response: &pb.ResponseOp_ResponseTxn{ResponseTxn: response}}, err
	}
	return nil, rpctypes.ErrGRPCKeyNotFound
}

// readIn reads inside a transaction: now, which includes what the transaction did, or at a past revision.
func readIn(t *mvcc.Txn, r *pb.RangeRequest) (*pb.RangeResponse, error) {
	kvs := []*mvcc.KeyValue(nil)
	if r.Revision > 0 && r.Revision < revisionOf(t) {
		var err error
		if kvs, err = t.KeysAt(string(r.Key), string(r.RangeEnd), r.Revision); err != nil {
			return nil, err
		}
	} else if r.Revision > revisionOf(t) {
		return nil, mvcc.ErrFutureRevision
	} else {
		kvs = t.Keys(string(r.Key), string(r.RangeEnd))
	}
	return rangeResponse(r, kvs, int64(len(kvs)), revisionOf(t)), nil
}

// holds says whether a comparison is true. Over a range it must be for every key; of no keys it is then true,
// as in etcd, while a single key that is missing compares as zeros, and never by its value.
func holds(t *mvcc.Txn, c *pb.Compare) bool {
	if len(c.RangeEnd) > 0 {
		for _, kv := range t.Keys(string(c.Key), string(c.RangeEnd)) {
			if !compare(kv, c) {
				return false
			}
		}
		return true
	}
	kv := t.Get(string(c.Key))
	if kv == nil {
		if c.Target == pb.Compare_VALUE {
			return false
		}
		kv = &mvcc.KeyValue{}
	}
	return compare(kv, c)
}

func compare(kv *mvcc.KeyValue, c *pb.Compare) bool {
	var d int
	switch c.Target {
	case pb.Compare_VERSION:
		d = cmp.Compare(kv.Version, c.GetVersion())
	case pb.Compare_CREATE:
		d = cmp.Compare(kv.CreateRevision, c.GetCreateRevision())
	case pb.Compare_MOD:
		d = cmp.Compare(kv.ModRevision, c.GetModRevision())
	case pb.Compare_VALUE:
		d = bytes.Compare(kv.Value, c.GetValue())
	case pb.Compare_LEASE:
		d = cmp.Compare(kv.Lease, c.GetLease())
	}
	switch c.Result {
	case pb.Compare_EQUAL:
		return d == 0
	case pb.Compare_NOT_EQUAL:
		return d != 0
	case pb.Compare_GREATER:
		return d > 0
	case pb.Compare_LESS:
		return d < 0
	}
	return false
}

// maxOps is the most operations in one transaction. Etcd's default is 128; facades may want that.
const maxOps = 10000

// checkTxn refuses what etcd refuses: empty keys, and a key that one branch would change twice.
func checkTxn(r *pb.TxnRequest) error {
	if len(r.Compare) > maxOps || len(r.Success) > maxOps || len(r.Failure) > maxOps {
		return rpctypes.ErrGRPCTooManyOps
	}
	for _, c := range r.Compare {
		if len(c.Key) == 0 {
			return rpctypes.ErrGRPCEmptyKey
		}
	}
	for _, branch := range [][]*pb.RequestOp{r.Success, r.Failure} {
		if err := checkBranch(branch); err != nil {
			return err
		}
	}
	return nil
}

func checkBranch(steps []*pb.RequestOp) error {
	puts := map[string]bool{}
	var deletes []*pb.DeleteRangeRequest
	for _, step := range steps {
		switch r := step.Request.(type) {
		case *pb.RequestOp_RequestRange:
			if err := checkRange(r.RequestRange); err != nil {
				return err
			}
		case *pb.RequestOp_RequestPut:
			if err := checkPut(r.RequestPut); err != nil {
				return err
			}
			if puts[string(r.RequestPut.Key)] {
				return rpctypes.ErrGRPCDuplicateKey
			}
			puts[string(r.RequestPut.Key)] = true
		case *pb.RequestOp_RequestDeleteRange:
			if len(r.RequestDeleteRange.Key) == 0 {
				return rpctypes.ErrGRPCEmptyKey
			}
			deletes = append(deletes, r.RequestDeleteRange)
		case *pb.RequestOp_RequestTxn:
			if err := checkTxn(r.RequestTxn); err != nil {
				return err
			}
		}
	}
	for _, d := range deletes {
		for key := range puts {
			if mvcc.InRange(key, string(d.Key), string(d.RangeEnd)) {
				return rpctypes.ErrGRPCDuplicateKey
			}
		}
	}
	return nil
}
