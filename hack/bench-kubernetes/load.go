package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// load is the work that each side is put to: pods, written and read by many clients at once.
type load struct {
	clients, pods int
	size          int // bytes of an annotation
}

const (
	pods       = "/api/v1/namespaces/default/pods"
	configMaps = "/api/v1/namespaces/default/configmaps"
)

// turns is how many pieces a step is cut into: the sides take turns, so that what slows the machine for a while slows all.
const turns = 25

// pause is how long a side waits for its turn, while the one before it still collects garbage and tells its watches.
const pause = 50 * time.Millisecond

// runner is a side that is up, with its clients, each of which has a connection of its own.
type runner struct {
	side
	*server
	clients []*http.Client
	made    []string // the pods as they came back
}

// step is a kind of call, which is made n times.
type step struct {
	name string
	n    int
	call func(r *runner, c *http.Client, i int) error
}

// steps are the work, but for the watches and the deletions.
func (l load) steps() []step {
	payload := strings.Repeat("x", l.size)
	return []step{
		{create, l.pods, func(r *runner, c *http.Client, i int) error {
			text, err := bench.Send(c, http.MethodPost, r.url+pods, strings.NewReader(fmt.Sprintf(
				`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p-%06d","labels":{"app":"bench"},"annotations":{"load":"a%s"}},"spec":{"containers":[{"name":"c","image":"x"}]}}`, i, payload)), http.StatusCreated)
			r.made[i] = string(text)
			return err
		}},
		{get, l.pods, func(r *runner, c *http.Client, i int) error {
			_, err := bench.Send(c, http.MethodGet, r.pod(i), nil, http.StatusOK)
			return err
		}},
		{update, l.pods, func(r *runner, c *http.Client, i int) error {
			changed := strings.Replace(r.made[i], `"load":"a`, `"load":"b`, 1)
			_, err := bench.Send(c, http.MethodPut, r.pod(i), strings.NewReader(changed), http.StatusOK)
			return err
		}},
		{list, l.pods / 20, func(r *runner, c *http.Client, _ int) error {
			_, err := bench.Send(c, http.MethodGet, r.url+pods+"?limit=100", nil, http.StatusOK)
			return err
		}},
	}
}

func (l load) run(ctx context.Context, runners []*runner) error {
	for _, s := range l.steps() {
		if err := s.run(ctx, runners); err != nil {
			return err
		}
	}
	return l.fanOut(ctx, runners)
}

// drop deletes the pods.
func (l load) drop(ctx context.Context, runners []*runner) error {
	return step{remove, l.pods, func(r *runner, c *http.Client, i int) error {
		_, err := bench.Send(c, http.MethodDelete, r.pod(i)+"?gracePeriodSeconds=0", nil, http.StatusOK)
		return err
	}}.run(ctx, runners)
}

func (r *runner) pod(i int) string { return fmt.Sprintf("%s%s/p-%06d", r.url, pods, i) }

func (s step) run(ctx context.Context, runners []*runner) error {
	return inTurn(ctx, s.name, runners, func(r *runner, turn int) (int, error) {
		first, end := s.n*turn/turns, s.n*(turn+1)/turns
		_, err := bench.Each(r.clients, end-first, func(c *http.Client, i int) error { return s.call(r, c, first+i) })
		return end - first, err
	})
}

// inTurn has each side do a piece of the work, then each the next, and notes how much a second each did. Every
// other turn they go backwards, so that none follows the same one always.
func inTurn(ctx context.Context, what string, runners []*runner, piece func(r *runner, turn int) (int, error)) error {
	done, took := make([]int, len(runners)), make([]time.Duration, len(runners))
	for turn := range turns {
		for k := range runners {
			if turn%2 == 1 {
				k = len(runners) - 1 - k
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
			begin := time.Now()
			n, err := piece(runners[k], turn)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", runners[k].figures.Name, what, err)
			}
			took[k] += time.Since(begin)
			done[k] += n
		}
	}
	for k, r := range runners {
		r.figures.Add(what, float64(done[k])/took[k].Seconds())
	}
	return nil
}

// fanOut has every client watch config maps that one of them creates: what counts is the events they get.
func (l load) fanOut(ctx context.Context, runners []*runner) error {
	const changes = 20 // a turn
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	arrived := map[*runner]<-chan error{}
	for _, r := range runners {
		events, err := r.watch(ctx)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", r.figures.Name, watch, err)
		}
		arrived[r] = events
	}
	return inTurn(ctx, watch, runners, func(r *runner, turn int) (int, error) {
		for i := range changes {
			if _, err := bench.Send(r.clients[0], http.MethodPost, r.url+configMaps, strings.NewReader(fmt.Sprintf(
				`{"metadata":{"name":"c-%d-%d"},"data":{"k":%q}}`, turn, i, strings.Repeat("x", l.size))), http.StatusCreated); err != nil {
				return 0, err
			}
		}
		for range changes * len(r.clients) {
			if err := <-arrived[r]; err != nil {
				return 0, err
			}
		}
		return changes * len(r.clients), nil
	})
}

// watch has every client watch config maps from now on, until ctx ends. What is returned says nil for each event.
func (r *runner) watch(ctx context.Context) (<-chan error, error) {
	list, err := bench.Send(r.clients[0], http.MethodGet, r.url+configMaps+"?limit=1", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	var from metav1.PartialObjectMetadataList
	if err := json.Unmarshal(list, &from); err != nil {
		return nil, err
	}
	arrived := make(chan error, len(r.clients))
	for _, c := range r.clients {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+configMaps+"?watch=1&resourceVersion="+from.ResourceVersion, nil)
		if err != nil {
			return nil, err
		}
		response, err := c.Do(request)
		if err != nil {
			return nil, err
		}
		go func() {
			defer response.Body.Close()
			lines := bufio.NewScanner(response.Body)
			lines.Buffer(nil, 1<<20)
			for lines.Scan() {
				arrived <- nil
			}
			arrived <- fmt.Errorf("a watch ended: %w", cmp.Or(lines.Err(), io.ErrUnexpectedEOF))
		}()
	}
	return arrived, nil
}
