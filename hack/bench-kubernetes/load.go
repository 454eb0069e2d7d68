package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// load is the work that each side is put to: pods, written and read by many clients at once.
type load struct {
	clients, pods int
	size          int // bytes of an annotation
}

const pods = "/api/v1/namespaces/default/pods"

func (l load) run(ctx context.Context, s *server, f *bench.Figures) error {
	clients, closeAll := l.connect(s)
	defer closeAll()
	one := func(i int) string { return fmt.Sprintf("%s%s/p-%06d", s.url, pods, i) }
	made := make([]string, l.pods)
	payload := strings.Repeat("x", l.size)
	steps := []struct {
		name string
		n    int
		call func(c *http.Client, i int) error
	}{
		{create, l.pods, func(c *http.Client, i int) error {
			text, err := bench.Send(c, http.MethodPost, s.url+pods, strings.NewReader(fmt.Sprintf(
				`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p-%06d","labels":{"app":"bench"},"annotations":{"load":"a%s"}},"spec":{"containers":[{"name":"c","image":"x"}]}}`, i, payload)), http.StatusCreated)
			made[i] = string(text)
			return err
		}},
		{get, l.pods, func(c *http.Client, i int) error {
			_, err := bench.Send(c, http.MethodGet, one(i), nil, http.StatusOK)
			return err
		}},
		{update, l.pods, func(c *http.Client, i int) error {
			changed := strings.Replace(made[i], `"load":"a`, `"load":"b`, 1)
			_, err := bench.Send(c, http.MethodPut, one(i), strings.NewReader(changed), http.StatusOK)
			return err
		}},
		{list, l.pods / 20, func(c *http.Client, _ int) error {
			_, err := bench.Send(c, http.MethodGet, s.url+pods+"?limit=100", nil, http.StatusOK)
			return err
		}},
	}
	for _, step := range steps {
		rate, err := bench.Each(clients, step.n, step.call)
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		f.Add(step.name, rate)
	}
	rate, err := l.fanOut(ctx, s, clients)
	if err != nil {
		return fmt.Errorf("%s: %w", watch, err)
	}
	f.Add(watch, rate)
	f.Add(loaded, s.memory())
	return nil
}

// connect makes the clients, each with a connection of its own.
func (l load) connect(s *server) (clients []*http.Client, closeAll func()) {
	for range l.clients {
		clients = append(clients, s.client())
	}
	return clients, func() {
		for _, c := range clients {
			c.CloseIdleConnections()
		}
	}
}

// drop deletes the pods.
func (l load) drop(s *server, f *bench.Figures) error {
	clients, closeAll := l.connect(s)
	defer closeAll()
	rate, err := bench.Each(clients, l.pods, func(c *http.Client, i int) error {
		_, err := bench.Send(c, http.MethodDelete, fmt.Sprintf("%s%s/p-%06d?gracePeriodSeconds=0", s.url, pods, i), nil, http.StatusOK)
		return err
	})
	f.Add(remove, rate)
	return err
}

// fanOut has every client watch config maps that one of them creates, and returns events a second that all get.
func (l load) fanOut(ctx context.Context, s *server, clients []*http.Client) (float64, error) {
	const changes = 200
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	url := s.url + "/api/v1/namespaces/default/configmaps"
	started := make(chan error, len(clients))
	var watching sync.WaitGroup
	for _, c := range clients {
		watching.Go(func() {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"?watch=1&labelSelector=bench", nil)
			if err != nil {
				started <- err
				return
			}
			response, err := c.Do(request)
			started <- err
			if err != nil {
				return
			}
			defer response.Body.Close()
			lines := bufio.NewScanner(response.Body)
			lines.Buffer(nil, 1<<20)
			for seen := 0; seen < changes && lines.Scan(); seen++ {
			}
		})
	}
	for range clients {
		if err := <-started; err != nil {
			return 0, err
		}
	}
	begin := time.Now()
	writer := s.client()
	defer writer.CloseIdleConnections()
	for i := range changes {
		if _, err := bench.Send(writer, http.MethodPost, url, strings.NewReader(fmt.Sprintf(
			`{"metadata":{"name":"c-%d-%d","labels":{"bench":"y"}},"data":{"k":%q}}`, begin.UnixNano(), i, strings.Repeat("x", l.size))), http.StatusCreated); err != nil {
			return 0, err
		}
	}
	watching.Wait()
	return float64(changes*len(clients)) / time.Since(begin).Seconds(), ctx.Err()
}
