package v3rpc

import (
	"context"
	"net"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/version"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/kubecraft/kubecraft/runtime/storage/etcd"
	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

const (
	// maxRequest is the largest request in bytes: etcd's --max-request-bytes and the overhead that it allows.
	maxRequest = 1536<<10 + 512<<10
	// minPing is how often a client may ping, as in etcd. gRPC's own limit, five minutes, would have it disconnect the
	// API server, which pings every 30 seconds.
	minPing = 5 * time.Second
)

// Options say what a server tells about itself.
type Options struct {
	// Size returns how many bytes the database takes. May be nil.
	Size func() (int64, error)
	// URLs are where clients reach the server, for those that ask.
	URLs []string
}

// Server answers etcd's calls.
type Server struct {
	grpc *grpc.Server
}

// New returns a server over store. Whoever can connect can read and change everything: listen where only those can who may.
func New(store *mvcc.Store, o Options) *Server {
	s := grpc.NewServer(grpc.MaxRecvMsgSize(maxRequest), grpc.WaitForHandlers(true),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing}))
	pb.RegisterKVServer(s, kv{KV: etcd.NewKV(store)})
	pb.RegisterWatchServer(s, watch{store: store})
	pb.RegisterLeaseServer(s, lease{store: store})
	pb.RegisterMaintenanceServer(s, maintenance{store: store, size: o.Size})
	pb.RegisterClusterServer(s, cluster{store: store, urls: o.URLs})
	return &Server{grpc: s}
}

// Serve answers on a listener until Stop, which makes it return nil. It fails if Stop came first.
func (s *Server) Serve(l net.Listener) error { return s.grpc.Serve(l) }

// Stop ends all calls, waits for them and closes the listener. The store is not used after that.
func (s *Server) Stop() { s.grpc.Stop() }

// kv adds what a client in the same process does in another way.
type kv struct {
	unknown
	*etcd.KV
}

// unknown is for calls that a newer etcd may have. It is one level further down, so that those of etcd.KV come first.
type unknown struct{ pb.UnimplementedKVServer }

// RangeStream implements pb.KVServer.
func (k kv) RangeStream(r *pb.RangeRequest, stream grpc.ServerStreamingServer[pb.RangeStreamResponse]) error {
	response, err := k.Range(stream.Context(), r)
	if err != nil {
		return err
	}
	for more := true; more; {
		var chunk *pb.RangeResponse
		chunk, more = etcd.NextChunk(response)
		if err := stream.Send(&pb.RangeStreamResponse{RangeResponse: chunk}); err != nil {
			return err
		}
	}
	return nil
}

// maintenance answers what health checks and `etcdctl endpoint status` ask.
type maintenance struct {
	pb.UnimplementedMaintenanceServer
	store *mvcc.Store
	size  func() (int64, error)
}

// Status implements pb.MaintenanceServer.
func (m maintenance) Status(context.Context, *pb.StatusRequest) (*pb.StatusResponse, error) {
	var size int64
	if m.size != nil {
		var err error
		if size, err = m.size(); err != nil {
			return nil, err
		}
	}
	size = max(size, 1) // etcdctl divides by it
	header := etcd.Header(m.store.Revision())
	return &pb.StatusResponse{
		Header: header, Version: version.Version, StorageVersion: version.Version,
		DbSize: size, DbSizeInUse: size,
		Leader: header.MemberId, RaftTerm: header.RaftTerm,
		RaftIndex: uint64(header.Revision), RaftAppliedIndex: uint64(header.Revision),
	}, nil
}

// Alarm implements pb.MaintenanceServer: there are none.
func (m maintenance) Alarm(context.Context, *pb.AlarmRequest) (*pb.AlarmResponse, error) {
	return &pb.AlarmResponse{Header: etcd.Header(m.store.Revision())}, nil
}

// Defragment implements pb.MaintenanceServer: a compaction has given the space back already.
func (m maintenance) Defragment(context.Context, *pb.DefragmentRequest) (*pb.DefragmentResponse, error) {
	return &pb.DefragmentResponse{Header: etcd.Header(m.store.Revision())}, nil
}

// cluster is of one member.
type cluster struct {
	pb.UnimplementedClusterServer
	store *mvcc.Store
	urls  []string
}

// MemberList implements pb.ClusterServer.
func (c cluster) MemberList(context.Context, *pb.MemberListRequest) (*pb.MemberListResponse, error) {
	header := etcd.Header(c.store.Revision())
	return &pb.MemberListResponse{Header: header, Members: []*pb.Member{{ID: header.MemberId, Name: "kubecraft", ClientURLs: c.urls}}}, nil
}
