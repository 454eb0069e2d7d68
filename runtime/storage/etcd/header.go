package etcd

import (
	"errors"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// Header returns the header of a response: a cluster of one member that never loses its term.
func Header(revision int64) *pb.ResponseHeader {
	return &pb.ResponseHeader{ClusterId: 1, MemberId: 1, RaftTerm: 1, Revision: revision}
}

// ServerError returns err as an etcd server would send it. What etcd does not know stays as it is.
func ServerError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mvcc.ErrCompacted):
		return rpctypes.ErrGRPCCompacted
	case errors.Is(err, mvcc.ErrFutureRevision):
		return rpctypes.ErrGRPCFutureRev
	case errors.Is(err, mvcc.ErrLeaseNotFound):
		return rpctypes.ErrGRPCLeaseNotFound
	case errors.Is(err, mvcc.ErrLeaseExists):
		return rpctypes.ErrGRPCLeaseExist
	case errors.Is(err, mvcc.ErrClosed):
		return rpctypes.ErrGRPCStopped
	}
	return err
}

// clientError returns err as an etcd client would. Callers compare some of these with ==, so they are bare.
func clientError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mvcc.ErrCompacted):
		return rpctypes.ErrCompacted
	case errors.Is(err, mvcc.ErrFutureRevision):
		return rpctypes.ErrFutureRev
	}
	return rpctypes.Error(ServerError(err))
}
