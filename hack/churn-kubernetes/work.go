package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// kinds are what is written: of the built-in types those of few words and of many, and the project's own. Each has the
// place of a name.
var kinds = []struct{ path, object string }{
	{"/api/v1/namespaces/default/configmaps", `{"metadata":{"name":%q},"data":{"k":"a"}}`},
	{"/api/v1/namespaces/default/pods", `{"metadata":{"name":%q,"labels":{"k":"a"}},"spec":{"containers":[{"name":"c","image":"x"}]}}`},
	{"/apis/example/v1/namespaces/default/bars", `{"apiVersion":"example/v1","kind":"Bar","metadata":{"name":%q},"spec":{"description":"a"}}`},
}

// work is what clients do until they are told to end.
type work struct {
	server         *server
	writes, events atomic.Int64

	mu  sync.Mutex
	err error
}

func (w *work) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

func (w *work) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// write creates, changes and deletes objects of all kinds, in turn.
func (w *work) write(ctx context.Context, writer int) {
	client := w.server.client()
	defer client.CloseIdleConnections()
	for i := 0; ctx.Err() == nil && w.failure() == nil; i++ {
		kind := kinds[i%len(kinds)]
		name := fmt.Sprintf("churn-%d-%d", writer, i)
		url := w.server.URL + kind.path
		for _, step := range []struct {
			method, url string
			body        io.Reader
			want        int
		}{
			{http.MethodPost, url, strings.NewReader(fmt.Sprintf(kind.object, name)), http.StatusCreated},
			{http.MethodPatch, url + "/" + name, strings.NewReader(`{"metadata":{"labels":{"k":"b"}}}`), http.StatusOK},
			{http.MethodDelete, url + "/" + name + "?gracePeriodSeconds=0", nil, http.StatusOK},
		} {
			if err := send(client, step.method, step.url, step.body, step.want); err != nil {
				w.fail(err)
				return
			}
			w.writes.Add(1)
		}
	}
}

// send is bench.Send with patches' content type.
func send(client *http.Client, method, url string, body io.Reader, want int) error {
	if method != http.MethodPatch {
		_, err := bench.Send(client, method, url, body, want)
		return err
	}
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s: %s: %s", method, url, answer.Status, text)
	}
	return err
}

// watch watches each kind for some seconds, over a connection of its own, again and again.
func (w *work) watch(ctx context.Context) {
	for i := 0; ctx.Err() == nil && w.failure() == nil; i++ {
		if err := w.watchOnce(ctx, kinds[i%len(kinds)].path); err != nil && ctx.Err() == nil {
			w.fail(err)
		}
	}
}

func (w *work) watchOnce(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client := w.server.client()
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+path+"?watch=1&timeoutSeconds=5", nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("watch %s: %s", path, answer.Status)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		w.events.Add(1)
	}
	return lines.Err()
}
