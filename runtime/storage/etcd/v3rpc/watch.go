package v3rpc

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/kubecraft/kubecraft/runtime/storage/etcd"
	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

const (
	// allWatches is the id that a response for all watches of a stream has, or for none.
	allWatches = -1
	// maxFragment is the size, in bytes, over which responses are cut for clients that ask for it.
	maxFragment = maxRequest
)

// watch is the watch part of the server.
type watch struct {
	pb.UnimplementedWatchServer
	store *mvcc.Store
}

// Watch implements pb.WatchServer: any number of watches over one stream.
func (w watch) Watch(stream grpc.BidiStreamingServer[pb.WatchRequest, pb.WatchResponse]) error {
	ctx, cancel := context.WithCancel(stream.Context())
	s := &watchStream{store: w.store, stream: stream, watches: map[int64]*following{}}
	defer s.running.Wait()
	defer cancel()
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			<-stream.Context().Done() // the client asks for no more, and still listens
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case r.GetCreateRequest() != nil:
			err = s.create(ctx, r.GetCreateRequest())
		case r.GetCancelRequest() != nil:
			err = s.cancel(r.GetCancelRequest().WatchId)
		case r.GetProgressRequest() != nil:
			err = s.progress()
		}
		if err != nil {
			return err
		}
	}
}

// watchStream is one client's watches.
type watchStream struct {
	store   *mvcc.Store
	stream  grpc.BidiStreamingServer[pb.WatchRequest, pb.WatchResponse]
	running sync.WaitGroup

	mu      sync.Mutex // of what follows, and of sending
	watches map[int64]*following
	next    int64
	// asked is the revision that all watches have to have got to before the client is told how far they are; 0 is none.
	asked int64
}

// following is one watch.
type following struct {
	id      int64
	request *pb.WatchCreateRequest
	watcher *mvcc.Watcher
	stop    context.CancelFunc
	reached int64
}

func (s *watchStream) create(ctx context.Context, r *pb.WatchCreateRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, key, end := r.WatchId, string(r.Key), string(r.RangeEnd)
	if key == "" {
		key = "\x00" // as etcd has it: the first key there can be
	}
	switch {
	case id != 0 && s.watches[id] != nil:
		return s.refuse("mvcc: duplicate watch ID provided on the WatchStream")
	case end != "" && end != "\x00" && end <= key:
		return s.refuse("mvcc: watcher range is empty")
	case r.StartRevision < 0:
		return s.refuse(rpctypes.ErrCompacted.Error())
	}
	if id == 0 {
		for s.watches[s.next] != nil {
			s.next++
		}
		id = s.next
		s.next++
	}
	ctx, stop := context.WithCancel(ctx)
	f := &following{id: id, request: r, stop: stop, reached: s.store.Revision()}
	if r.StartRevision > 0 {
		f.reached = r.StartRevision - 1
	}
	// Not before it is created may it deliver, but from now on everything.
	f.watcher = s.store.Watch(key, end, mvcc.WatchOptions{From: r.StartRevision, Progress: true})
	if err := s.stream.Send(&pb.WatchResponse{Header: etcd.Header(s.store.Revision()), WatchId: id, Created: true}); err != nil {
		f.watcher.Stop()
		stop()
		return err
	}
	s.watches[id] = f
	s.running.Go(func() {
		defer f.watcher.Stop()
		s.follow(ctx, f)
	})
	return nil
}

// refuse answers a watch that cannot be.
func (s *watchStream) refuse(why string) error {
	return s.stream.Send(&pb.WatchResponse{
		Header: etcd.Header(s.store.Revision()), WatchId: allWatches, Created: true, Canceled: true, CancelReason: why,
	})
}

// cancel ends a watch. One that is not there has ended already.
func (s *watchStream) cancel(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.watches[id]
	if f == nil {
		return nil
	}
	s.end(f)
	if err := s.stream.Send(&pb.WatchResponse{Header: etcd.Header(s.store.Revision()), WatchId: id, Canceled: true}); err != nil {
		return err
	}
	return s.answer() // the one that ended may have been the last that was behind
}

// end forgets a watch. The caller holds mu.
func (s *watchStream) end(f *following) {
	f.stop()
	delete(s.watches, f.id)
}

// progress asks for a response once everything up to now is delivered.
func (s *watchStream) progress() error {
	s.mu.Lock()
	s.asked = s.store.Revision()
	err := s.answer()
	waiting := s.asked > 0
	s.mu.Unlock()
	if waiting {
		s.store.RequestProgress()
	}
	return err
}

// answer tells how far all watches are, if that was asked for and they have got there. The caller holds mu.
func (s *watchStream) answer() error {
	if s.asked == 0 {
		return nil
	}
	revision := s.asked
	for _, f := range s.watches {
		if f.reached < s.asked {
			return nil
		}
	}
	s.asked = 0
	return s.stream.Send(&pb.WatchResponse{Header: etcd.Header(revision), WatchId: allWatches})
}

// follow delivers what a watch sees, until it or the stream ends. An error of the stream is the receiving side's to return.
func (s *watchStream) follow(ctx context.Context, f *following) {
	for {
		next, err := f.watcher.Next(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.fail(f, err)
			return
		}
		if !s.deliver(f, next) {
			return
		}
	}
}

// deliver sends what came next, and says whether the watch goes on.
func (s *watchStream) deliver(f *following, next mvcc.WatchResponse) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watches[f.id] != f {
		return false // it was cancelled: nothing more may come
	}
	reached := next.Revision
	for events := range next.Chunks() {
		reached = events[len(events)-1].KV.ModRevision
		if s.send(f, reached, f.wanted(events)) != nil {
			return false
		}
	}
	f.reached = max(f.reached, reached)
	if len(next.Events) == 0 && s.asked == 0 && f.request.ProgressNotify {
		if s.stream.Send(&pb.WatchResponse{Header: etcd.Header(next.Revision), WatchId: f.id}) != nil {
			return false
		}
	}
	return s.answer() == nil
}

// fail tells the client that a watch has ended by itself.
func (s *watchStream) fail(f *following, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watches[f.id] != f {
		return
	}
	s.end(f)
	response := &pb.WatchResponse{Header: etcd.Header(s.store.Revision()), WatchId: f.id, Canceled: true}
	if errors.Is(err, mvcc.ErrCompacted) {
		response.CompactRevision = s.store.CompactRevision()
	} else {
		response.CancelReason = err.Error()
	}
	if s.stream.Send(response) == nil {
		_ = s.answer()
	}
}

// send sends events, if there are any, in several responses if they are large and the watch has asked for that. The caller
// holds mu.
func (s *watchStream) send(f *following, revision int64, events []*mvccpb.Event) error {
	for len(events) > 0 {
		n, size := 0, 0
		for n < len(events) && (n == 0 || !f.request.Fragment || size+proto.Size(events[n]) <= maxFragment) {
			size += proto.Size(events[n])
			n++
		}
		response := &pb.WatchResponse{Header: etcd.Header(revision), WatchId: f.id, Events: events[:n], Fragment: n < len(events)}
		if err := s.stream.Send(response); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// wanted turns events into etcd's, without those that the watch filters out.
func (f *following) wanted(events []mvcc.Event) []*mvccpb.Event {
	out := make([]*mvccpb.Event, 0, len(events))
	for _, e := range events {
		kind, filter := mvccpb.Event_PUT, pb.WatchCreateRequest_NOPUT
		if e.KV.Version == 0 {
			kind, filter = mvccpb.Event_DELETE, pb.WatchCreateRequest_NODELETE
		}
		if slices.Contains(f.request.Filters, filter) {
			continue
		}
		event := &mvccpb.Event{Type: kind, Kv: e.KV}
		if f.request.PrevKv {
			event.PrevKv = e.Prev
		}
		out = append(out, event)
	}
	return out
}
