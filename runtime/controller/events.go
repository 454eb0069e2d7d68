package controller

import (
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
)

// flushLimit is how long a stop waits for events to be written.
const flushLimit = 2 * time.Second

// events writes what is recorded. client-go's broadcaster drops what it has not written when it is shut down, so a last event is sent
// behind all others first, which is not written.
type events struct {
	broadcaster record.EventBroadcaster
	sink        *sink
}

type sink struct {
	record.EventSink
	last    string // the reason of the last event
	once    sync.Once
	written chan struct{} // closed at the last event
}

// Create implements record.EventSink.
func (s *sink) Create(event *corev1.Event) (*corev1.Event, error) {
	if event.Reason == s.last {
		s.once.Do(func() { close(s.written) })
		return event, nil
	}
	return s.EventSink.Create(event)
}

func newEvents(client typedcorev1.EventInterface) *events {
	e := &events{
		broadcaster: record.NewBroadcaster(),
		sink:        &sink{EventSink: &typedcorev1.EventSinkImpl{Interface: client}, last: "kubecraft.LastEvent", written: make(chan struct{})},
	}
	e.broadcaster.StartRecordingToSink(e.sink)
	return e
}

// flush writes what is recorded and ends.
func (e *events) flush() {
	recorder := e.broadcaster.NewRecorder(runtime.NewScheme(), corev1.EventSource{})
	recorder.Event(&corev1.ObjectReference{Kind: "Event", Namespace: metav1.NamespaceSystem, Name: e.sink.last}, corev1.EventTypeNormal, e.sink.last, "")
	limit := time.NewTimer(flushLimit)
	defer limit.Stop()
	select {
	case <-e.sink.written:
	case <-limit.C:
	}
	e.broadcaster.Shutdown()
}
