package v3rpc

import (
	"context"
	"errors"
	"io"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc"

	"github.com/kubecraft/kubecraft/runtime/storage/etcd"
	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// lease is the lease part of the server.
type lease struct {
	pb.UnimplementedLeaseServer
	store *mvcc.Store
}

const (
	// minTTL is what a shorter time to live is raised to, in seconds: etcd's is what its members need to elect a leader.
	minTTL = 2
	// maxTTL is etcd's longest, in seconds (lease/lessor.go).
	maxTTL = 9_000_000_000
)

// LeaseGrant implements pb.LeaseServer.
func (l lease) LeaseGrant(_ context.Context, r *pb.LeaseGrantRequest) (*pb.LeaseGrantResponse, error) {
	if r.TTL > maxTTL {
		return nil, rpctypes.ErrGRPCLeaseTTLTooLarge
	}
	ttl := max(r.TTL, minTTL)
	id, err := l.store.Grant(r.ID, ttl)
	if err != nil {
		return nil, etcd.ServerError(err)
	}
	return &pb.LeaseGrantResponse{Header: etcd.Header(l.store.Revision()), ID: id, TTL: ttl}, nil
}

// LeaseRevoke implements pb.LeaseServer.
func (l lease) LeaseRevoke(_ context.Context, r *pb.LeaseRevokeRequest) (*pb.LeaseRevokeResponse, error) {
	if err := l.store.Revoke(r.ID); err != nil {
		return nil, etcd.ServerError(err)
	}
	return &pb.LeaseRevokeResponse{Header: etcd.Header(l.store.Revision())}, nil
}

// LeaseKeepAlive implements pb.LeaseServer. As in etcd, a lease that is not there has a TTL of 0.
func (l lease) LeaseKeepAlive(stream grpc.BidiStreamingServer[pb.LeaseKeepAliveRequest, pb.LeaseKeepAliveResponse]) error {
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		ttl, err := l.store.KeepAlive(r.ID)
		if err != nil && !errors.Is(err, mvcc.ErrLeaseNotFound) {
			return etcd.ServerError(err)
		}
		if err := stream.Send(&pb.LeaseKeepAliveResponse{Header: etcd.Header(l.store.Revision()), ID: r.ID, TTL: ttl}); err != nil {
			return err
		}
	}
}

// LeaseTimeToLive implements pb.LeaseServer. As in etcd, a lease that is not there has a TTL of -1.
func (l lease) LeaseTimeToLive(_ context.Context, r *pb.LeaseTimeToLiveRequest) (*pb.LeaseTimeToLiveResponse, error) {
	response := &pb.LeaseTimeToLiveResponse{Header: etcd.Header(l.store.Revision()), ID: r.ID, TTL: -1}
	status, err := l.store.LeaseStatus(r.ID)
	if err != nil {
		return response, nil
	}
	response.TTL, response.GrantedTTL = status.Remaining, status.TTL
	if r.Keys {
		for _, key := range status.Keys {
			response.Keys = append(response.Keys, []byte(key))
		}
	}
	return response, nil
}

// LeaseLeases implements pb.LeaseServer.
func (l lease) LeaseLeases(context.Context, *pb.LeaseLeasesRequest) (*pb.LeaseLeasesResponse, error) {
	response := &pb.LeaseLeasesResponse{Header: etcd.Header(l.store.Revision())}
	for _, id := range l.store.Leases() {
		response.Leases = append(response.Leases, &pb.LeaseStatus{ID: id})
	}
	return response, nil
}
