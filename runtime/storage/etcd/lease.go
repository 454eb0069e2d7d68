package etcd

import (
	"context"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// leases is the lease part of the client.
type leases struct {
	store *mvcc.Store
}

var _ clientv3.Lease = leases{}

// Grant implements clientv3.Lease.
func (l leases) Grant(ctx context.Context, ttl int64) (*clientv3.LeaseGrantResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, err := l.store.Grant(0, ttl)
	if err != nil {
		return nil, clientError(err)
	}
	return &clientv3.LeaseGrantResponse{ResponseHeader: Header(l.store.Revision()), ID: clientv3.LeaseID(id), TTL: ttl}, nil
}

// Revoke implements clientv3.Lease.
func (l leases) Revoke(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseRevokeResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := l.store.Revoke(int64(id)); err != nil {
		return nil, clientError(err)
	}
	return (*clientv3.LeaseRevokeResponse)(&pb.LeaseRevokeResponse{Header: Header(l.store.Revision())}), nil
}

// TimeToLive implements clientv3.Lease. As in etcd, a lease that is not there has a TTL of -1.
func (l leases) TimeToLive(ctx context.Context, id clientv3.LeaseID, _ ...clientv3.LeaseOption) (*clientv3.LeaseTimeToLiveResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	response := &clientv3.LeaseTimeToLiveResponse{ResponseHeader: Header(l.store.Revision()), ID: id, TTL: -1}
	status, err := l.store.LeaseStatus(int64(id))
	if err != nil {
		return response, nil
	}
	response.TTL, response.GrantedTTL = status.Remaining, status.TTL
	for _, key := range status.Keys {
		response.Keys = append(response.Keys, []byte(key))
	}
	return response, nil
}

// Leases implements clientv3.Lease.
func (l leases) Leases(ctx context.Context) (*clientv3.LeaseLeasesResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	response := &clientv3.LeaseLeasesResponse{ResponseHeader: Header(l.store.Revision())}
	for _, id := range l.store.Leases() {
		response.Leases = append(response.Leases, clientv3.LeaseStatus{ID: clientv3.LeaseID(id)})
	}
	return response, nil
}

// KeepAliveOnce implements clientv3.Lease.
func (l leases) KeepAliveOnce(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseKeepAliveResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ttl, err := l.store.KeepAlive(int64(id))
	if err != nil {
		return nil, clientError(err)
	}
	return &clientv3.LeaseKeepAliveResponse{ResponseHeader: Header(l.store.Revision()), ID: id, TTL: ttl}, nil
}

// KeepAlive implements clientv3.Lease: it renews the lease each third of its time to live, until ctx or the
// lease ends.
func (l leases) KeepAlive(ctx context.Context, id clientv3.LeaseID) (<-chan *clientv3.LeaseKeepAliveResponse, error) {
	first, err := l.KeepAliveOnce(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make(chan *clientv3.LeaseKeepAliveResponse, 1)
	out <- first
	go func() {
		defer close(out)
		ticker := time.NewTicker(max(time.Duration(first.TTL)*time.Second/3, time.Second/3))
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			response, err := l.KeepAliveOnce(ctx, id)
			if err != nil {
				return
			}
			select {
			case out <- response:
			default: // the caller does not read; the lease lives on all the same
			}
		}
	}()
	return out, nil
}

// Close implements clientv3.Lease.
func (leases) Close() error { return nil }
