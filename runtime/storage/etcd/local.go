package etcd

import (
	"context"
	"io"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"
)

// localKV calls a KV as a gRPC client would, with no gRPC between.
type localKV struct {
	kv *KV
}

var _ pb.KVClient = localKV{}

// Range implements pb.KVClient.
func (l localKV) Range(ctx context.Context, r *pb.RangeRequest, _ ...grpc.CallOption) (*pb.RangeResponse, error) {
	return l.kv.Range(ctx, r)
}

// Put implements pb.KVClient.
func (l localKV) Put(ctx context.Context, r *pb.PutRequest, _ ...grpc.CallOption) (*pb.PutResponse, error) {
	return l.kv.Put(ctx, r)
}

// DeleteRange implements pb.KVClient.
func (l localKV) DeleteRange(ctx context.Context, r *pb.DeleteRangeRequest, _ ...grpc.CallOption) (*pb.DeleteRangeResponse, error) {
	return l.kv.DeleteRange(ctx, r)
}

// Txn implements pb.KVClient.
func (l localKV) Txn(ctx context.Context, r *pb.TxnRequest, _ ...grpc.CallOption) (*pb.TxnResponse, error) {
	return l.kv.Txn(ctx, r)
}

// Compact implements pb.KVClient.
func (l localKV) Compact(ctx context.Context, r *pb.CompactionRequest, _ ...grpc.CallOption) (*pb.CompactionResponse, error) {
	return l.kv.Compact(ctx, r)
}

// RangeStream implements pb.KVClient.
func (l localKV) RangeStream(ctx context.Context, r *pb.RangeRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[pb.RangeStreamResponse], error) {
	response, err := l.kv.Range(ctx, r)
	return &localStream{ctx: ctx, response: response, err: err}, nil
}

// localStream hands over a range in chunks. The whole of it is there from the start: it is made of pointers into
// the store, so reading it chunk by chunk would save nothing.
type localStream struct {
	grpc.ClientStream
	ctx      context.Context
	response *pb.RangeResponse
	err      error
}

// Context implements grpc.ClientStream.
func (s *localStream) Context() context.Context { return s.ctx }

// Recv implements grpc.ServerStreamingClient.
func (s *localStream) Recv() (*pb.RangeStreamResponse, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if s.err != nil {
		return nil, s.err
	}
	chunk, more := NextChunk(s.response)
	if !more {
		s.err = io.EOF
	}
	return &pb.RangeStreamResponse{RangeResponse: chunk}, nil
}
