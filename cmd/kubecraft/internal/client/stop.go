package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// StopPath is where a server of ours is asked to stop.
const StopPath = "/kubecraft/stop"

const stopInterval = 20 * time.Millisecond

// Stop asks the server to stop, and returns when it answers no more.
func (c *Client) Stop(ctx context.Context) error {
	err := c.do(ctx, http.MethodPost, StopPath, "*/*", "", nil, nil)
	if _, unreached := errors.AsType[*url.Error](err); unreached {
		return fmt.Errorf("no server answers at %s: it does not run", c.server)
	}
	if err != nil {
		return err
	}
	for {
		gone := c.gone(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%s has been asked to stop and still answers", c.server)
		}
		if gone {
			return nil
		}
		time.Sleep(stopInterval)
	}
}

// gone says whether nobody listens where the server did.
func (c *Client) gone(ctx context.Context) bool {
	c.Close() // a connection that is open outlives the listener
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+"/livez", nil)
	if err != nil {
		return false
	}
	answer, err := c.http.Do(request)
	if err == nil {
		answer.Body.Close()
	}
	return err != nil
}
