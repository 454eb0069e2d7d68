package v3rpc

import (
	"testing"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// sent notes what a stream sends.
type sent struct {
	grpc.BidiStreamingServer[pb.WatchRequest, pb.WatchResponse]
	responses []*pb.WatchResponse
}

func (s *sent) Send(r *pb.WatchResponse) error {
	s.responses = append(s.responses, r)
	return nil
}

// Progress that one watch has held up is told when that one ends, in whichever way.
func TestProgressIsToldWhenTheLastThatWasBehindEnds(t *testing.T) {
	for name, end := range map[string]func(*watchStream, *following){
		"cancelled": func(s *watchStream, f *following) { _ = s.cancel(f.id) },
		"compacted": func(s *watchStream, f *following) { s.fail(f, mvcc.ErrCompacted) },
	} {
		t.Run(name, func(t *testing.T) {
			store := mvcc.NewBuilder(7, 0).Open(mvcc.Options{})
			defer store.Close()
			out := &sent{}
			behind := &following{id: 1, stop: func() {}, reached: 3}
			s := &watchStream{store: store, stream: out, asked: 5, watches: map[int64]*following{
				1: behind, 2: {id: 2, stop: func() {}, reached: 5},
			}}
			if err := s.answer(); err != nil || len(out.responses) > 0 {
				t.Fatalf("told too early: %v, %v", out.responses, err)
			}
			end(s, behind)
			if n := len(out.responses); n != 2 || !out.responses[0].Canceled || out.responses[1].WatchId != allWatches || out.responses[1].Header.Revision != 5 {
				t.Errorf("got %v", out.responses)
			}
		})
	}
}
