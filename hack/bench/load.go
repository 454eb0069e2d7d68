package bench

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Each spreads n calls over clients, which work at the same time, and returns calls a second.
func Each(clients []*http.Client, n int, call func(c *http.Client, i int) error) (float64, error) {
	var next atomic.Int64
	var failure atomic.Value
	var group sync.WaitGroup
	begin := time.Now()
	for _, c := range clients {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || failure.Load() != nil {
					return
				}
				if err := call(c, i); err != nil {
					failure.CompareAndSwap(nil, err)
					return
				}
			}
		})
	}
	group.Wait()
	if err, _ := failure.Load().(error); err != nil {
		return 0, err
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}

// Send makes a request of JSON and returns the body of the answer, which must have the status want.
func Send(c *http.Client, method, url string, body io.Reader, want int) ([]byte, error) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != want {
		return nil, fmt.Errorf("%s %s: %s: %s", method, url, response.Status, text)
	}
	return text, nil
}
