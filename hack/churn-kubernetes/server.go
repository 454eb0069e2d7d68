package main

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// server is examples/kubernetes over a folder.
type server struct {
	*bench.Kubernetes
	admin *http.Client
}

// start returns when the server says that it is ready.
func start(ctx context.Context, o options, dir string) (*server, error) {
	k, err := bench.StartKubernetes(ctx, o.server, dir, o.storage)
	if err != nil {
		return nil, err
	}
	s := &server{Kubernetes: k}
	s.admin = s.client()
	return s, nil
}

// client has a connection of its own.
func (s *server) client() *http.Client {
	return &http.Client{Transport: bench.Transport(s.Identity)}
}

// metrics are those without labels.
func (s *server) metrics() (map[string]float64, error) {
	text, err := bench.Send(s.admin, http.MethodGet, s.URL+"/metrics", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = number
		}
	}
	return values, nil
}
