package loopback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// bufferLimit is how many bytes of an answer wait for its reader before the handler has to.
const bufferLimit = 1 << 20

// Transport carries the requests that a server makes of itself: it calls the handler, with no connection between.
// Requests that come before Serve wait for it.
type Transport struct {
	once    sync.Once
	ready   chan struct{}
	handler http.Handler
	direct  func(*http.Request) http.Handler
}

// New returns a Transport that has nothing to serve yet.
func New() *Transport { return &Transport{ready: make(chan struct{})} }

// Serve says what answers. Only the first call counts. What direct returns for a request answers it in the caller's goroutine, and
// has to respect the request's context; if it returns nil, or is nil, the request is for handler.
func (l *Transport) Serve(handler http.Handler, direct func(*http.Request) http.Handler) {
	l.once.Do(func() {
		l.handler, l.direct = handler, direct
		close(l.ready)
	})
}

// RoundTrip implements http.RoundTripper.
func (l *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-l.ready:
	case <-req.Context().Done():
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, req.Context().Err()
	}
	ctx, cancel := context.WithCancel(req.Context())
	incoming := req.Clone(ctx)
	incoming.RequestURI = req.URL.RequestURI()
	incoming.RemoteAddr = "127.0.0.1:0"
	incoming.Proto, incoming.ProtoMajor, incoming.ProtoMinor = "HTTP/2.0", 2, 0
	if incoming.Host == "" {
		incoming.Host = req.URL.Host
	}
	if incoming.Body == nil {
		incoming.Body = http.NoBody
	}
	a := newAnswer(cancel)
	// The reader of the body learns that the request was canceled, as it does from a connection, and the handler that
	// nobody reads.
	context.AfterFunc(ctx, func() { a.end(ctx.Err()) })
	if l.direct != nil {
		if direct := l.direct(incoming); direct != nil {
			a.whole = true
			a.run(direct, incoming)
			return a.response(req), nil
		}
	}
	go a.run(l.handler, incoming)
	select {
	case <-a.started:
	case <-req.Context().Done(): // not ctx, which ends with the handler
		cancel()
		return nil, req.Context().Err()
	}
	return a.response(req), nil
}

// response is what a request is answered with, once started is closed.
func (a *answer) response(req *http.Request) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.code, http.StatusText(a.code)), StatusCode: a.code,
		Proto: "HTTP/2.0", ProtoMajor: 2,
		Header: a.sent, Body: a, ContentLength: -1, Request: req,
	}
}

// answer is what a handler writes and a client reads.
type answer struct {
	header http.Header
	// code and sent are set when started is closed.
	once    sync.Once
	started chan struct{}
	code    int
	sent    http.Header

	cancel context.CancelFunc // of the request
	// whole says that the answer is read once it has ended.
	whole bool

	mu      sync.Mutex
	changed *sync.Cond
	buffer  bytes.Buffer
	err     error // io.EOF after a whole answer
}

func newAnswer(cancel context.CancelFunc) *answer {
	a := &answer{header: http.Header{}, started: make(chan struct{}), cancel: cancel}
	a.changed = sync.NewCond(&a.mu)
	return a
}

// run calls the handler as net/http does.
func (a *answer) run(handler http.Handler, req *http.Request) {
	defer func() {
		err := io.EOF
		switch cause := recover(); {
		case cause == nil:
		case cause == http.ErrAbortHandler:
			err = io.ErrUnexpectedEOF
		default:
			err = fmt.Errorf("panic: %v", cause)
		}
		_ = req.Body.Close()
		a.end(err)
		a.WriteHeader(http.StatusOK)
		a.cancel()
	}()
	handler.ServeHTTP(a, req)
}

// end gives the reader an error after what is written. Only the first call counts.
func (a *answer) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		a.err = err
	}
	a.changed.Broadcast()
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(code int) {
	if code >= 100 && code < 200 {
		return
	}
	a.once.Do(func() {
		a.code, a.sent = code, a.header.Clone()
		close(a.started)
	})
}

// Write implements http.ResponseWriter. It waits while a lot is unread.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.err == nil && !a.whole && a.buffer.Len() >= bufferLimit {
		a.changed.Wait()
	}
	if a.err != nil {
		return 0, errors.Join(http.ErrHandlerTimeout, a.err)
	}
	a.changed.Broadcast()
	return a.buffer.Write(b)
}

// Flush implements http.Flusher: what is written is there to read at once.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

// CloseNotify is what tells upstream's decorators that this writes HTTP/2 (k8s.io/apiserver/pkg/endpoints/responsewriter):
// without it nothing is flushed.
func (a *answer) CloseNotify() <-chan bool { return make(chan bool) }

// SetReadDeadline is there for http.ResponseController. There is no connection that could hang.
func (a *answer) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is there for http.ResponseController.
func (a *answer) SetWriteDeadline(time.Time) error { return nil }

// Read implements io.Reader, for the client.
func (a *answer) Read(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.buffer.Len() == 0 && a.err == nil {
		a.changed.Wait()
	}
	if a.buffer.Len() == 0 {
		return 0, a.err
	}
	a.changed.Broadcast()
	return a.buffer.Read(b)
}

// Close implements io.Closer, for the client: it wants no more.
func (a *answer) Close() error {
	a.end(io.ErrClosedPipe)
	a.cancel()
	return nil
}
