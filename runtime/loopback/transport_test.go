package loopback_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kubecraft/kubecraft/runtime/loopback"
)

const patience = 10 * time.Second

func get(t *testing.T, ctx context.Context, transport *loopback.Transport) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://server/path?q=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	return transport.RoundTrip(request)
}

func serving(handler http.HandlerFunc) *loopback.Transport {
	transport := loopback.New()
	transport.Serve(handler, nil)
	return transport
}

func TestAnswersArriveAsTheyAreWritten(t *testing.T) {
	second := make(chan struct{})
	transport := serving(func(w http.ResponseWriter, req *http.Request) {
		if req.RequestURI != "/path?q=1" || req.Host != "server" || req.ProtoMajor != 2 {
			t.Errorf("request: %s of %s, %s", req.RequestURI, req.Host, req.Proto)
		}
		w.Header().Set("A", "b")
		w.WriteHeader(http.StatusAccepted)
		w.Header().Set("A", "too late")
		_, _ = io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		<-second
		_, _ = io.WriteString(w, "two")
	})
	response, err := get(t, t.Context(), transport)
	if err != nil || response.StatusCode != http.StatusAccepted || response.Header.Get("A") != "b" {
		t.Fatalf("%v, %v", response, err)
	}
	one := make([]byte, 10)
	if n, err := response.Body.Read(one); err != nil || string(one[:n]) != "one" {
		t.Fatalf("%q, %v", one[:n], err)
	}
	close(second)
	if rest, err := io.ReadAll(response.Body); err != nil || string(rest) != "two" {
		t.Errorf("%q, %v", rest, err)
	}
}

func TestRequestsWaitForTheServer(t *testing.T) {
	transport := loopback.New()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := get(t, ctx, transport); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("before the server serves: %v", err)
	}
	time.AfterFunc(time.Millisecond, func() { transport.Serve(http.NotFoundHandler(), nil) })
	if response, err := get(t, t.Context(), transport); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("%v, %v", response, err)
	}
}

func TestAHandlerLearnsThatNobodyReads(t *testing.T) {
	for name, end := range map[string]func(*http.Response, context.CancelFunc){
		"closed":   func(r *http.Response, _ context.CancelFunc) { _ = r.Body.Close() },
		"canceled": func(_ *http.Response, cancel context.CancelFunc) { cancel() },
	} {
		ended := make(chan error, 1)
		transport := serving(func(w http.ResponseWriter, req *http.Request) {
			w.(http.Flusher).Flush()
			<-req.Context().Done()
			_, err := w.Write([]byte("x"))
			ended <- err
		})
		ctx, cancel := context.WithCancel(t.Context())
		response, err := get(t, ctx, transport)
		if err != nil {
			t.Fatal(err)
		}
		end(response, cancel)
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s: a write succeeded", name)
			}
		case <-time.After(patience):
			t.Errorf("%s: the handler does not learn it", name)
		}
		if _, err := response.Body.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: the body ends with %v", name, err)
		}
		cancel()
	}
}

// A reader that is slow holds up the handler, not the memory.
func TestAHandlerWaitsForItsReader(t *testing.T) {
	part := bytes.Repeat([]byte("x"), 1<<19)
	written := make(chan int, 100)
	transport := serving(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 10 {
			if _, err := w.Write(part); err != nil {
				return
			}
			written <- i
		}
	})
	response, err := get(t, t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); len(written) < 2 && time.Since(begin) < patience; time.Sleep(time.Millisecond) {
	}
	time.Sleep(10 * time.Millisecond)
	if n := len(written); n > 3 {
		t.Errorf("%d parts were written with nobody reading", n)
	}
	if all, err := io.ReadAll(response.Body); err != nil || len(all) != 10*len(part) {
		t.Errorf("%d bytes, %v", len(all), err)
	}
}

func TestAPanicCutsTheAnswerOff(t *testing.T) {
	for _, cause := range []any{http.ErrAbortHandler, "bug"} {
		response, err := get(t, t.Context(), serving(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic(cause)
		}))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if string(body) != "half" || err == nil {
			t.Errorf("%q, %v", body, err)
		}
	}
}

func TestBodiesOfRequestsAreReadAndClosed(t *testing.T) {
	transport := serving(func(w http.ResponseWriter, req *http.Request) {
		if _, err := io.Copy(w, req.Body); err != nil {
			t.Error(err)
		}
	})
	body := &closing{Reader: strings.NewReader("sent")}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://server/", body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(response.Body)
	if err != nil || string(got) != "sent" || !body.closed {
		t.Errorf("%q, %v, closed: %t", got, err, body.closed)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// A direct answer is there, whole, when the round trip ends, however large it is.
func TestDirectAnswersAreWhole(t *testing.T) {
	transport := loopback.New()
	large, ended := bytes.Repeat([]byte("x"), 3<<20), false // without a lock: the race detector sees another goroutine
	transport.Serve(http.NotFoundHandler(), func(req *http.Request) http.Handler {
		if req.URL.Query().Get("q") == "2" {
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(large)
			ended = true
		})
	})
	response, err := get(t, t.Context(), transport)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", response, err)
	}
	if !ended {
		t.Error("the handler has not ended")
	}
	if got, err := io.ReadAll(response.Body); err != nil || !bytes.Equal(got, large) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://server/path?q=2", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := transport.RoundTrip(request); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("%v, %v", response, err)
	}
}
