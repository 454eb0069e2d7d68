package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// load is the work that each store is put to: objects of about size bytes, written and read by many clients at once.
type load struct {
	resource string // "/apis/GROUP/VERSION/namespaces/default/PLURAL"
	kind     string // kind and apiVersion as the objects carry them
	version  string
	clients  int
	objects  int
	size     int // bytes of an annotation
}

// rates are requests a second.
type rates struct{ create, get, update, list float64 }

func (l load) run(s *server) (r rates, err error) {
	clients := make([]*http.Client, l.clients)
	for i := range clients {
		if clients[i], err = s.client(); err != nil {
			return r, err
		}
		defer clients[i].CloseIdleConnections()
	}
	base := s.url + l.resource
	item := func(i int) string { return fmt.Sprintf("%s/o-%06d", base, i) }
	versions := make([]string, l.objects) // of each object, as its creation told
	body := func(i int, generation string) io.Reader {
		return strings.NewReader(fmt.Sprintf(`{"apiVersion":%q,"kind":%q,"metadata":{"name":"o-%06d","resourceVersion":%q,"annotations":{"load":%q}}}`,
			l.version, l.kind, i, versions[i], generation+strings.Repeat("x", l.size)))
	}
	if r.create, err = bench.Each(clients, l.objects, func(c *http.Client, i int) (err error) {
		versions[i], err = send(c, http.MethodPost, base, body(i, "a"), http.StatusCreated)
		return err
	}); err != nil {
		return r, err
	}
	if r.get, err = bench.Each(clients, l.objects, func(c *http.Client, i int) error {
		_, err := send(c, http.MethodGet, item(i), nil, http.StatusOK)
		return err
	}); err != nil {
		return r, err
	}
	if r.update, err = bench.Each(clients, l.objects, func(c *http.Client, i int) error {
		_, err := send(c, http.MethodPut, item(i), body(i, "b"), http.StatusOK)
		return err
	}); err != nil {
		return r, err
	}
	r.list, err = bench.Each(clients, l.objects/20, func(c *http.Client, _ int) error {
		_, err := send(c, http.MethodGet, base+"?limit=100", nil, http.StatusOK)
		return err
	})
	return r, err
}

// send returns the resource version that the answer begins with, if it is an object.
func send(c *http.Client, method, url string, body io.Reader, want int) (string, error) {
	text, err := bench.Send(c, method, url, body, want)
	_, rest, _ := bytes.Cut(text, []byte(`"resourceVersion":"`))
	version, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(version), err
}
