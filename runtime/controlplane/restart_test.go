package controlplane_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// event is one of a watch.
type event struct {
	Type   string
	Object answer
}

// watch watches robots from a resource version on. The stream ends with the test.
func (c *client) watch(version string) <-chan event {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", c.url+robots+"?watch=true&resourceVersion="+version, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	events := make(chan event, 100)
	go func() {
		defer response.Body.Close()
		defer close(events)
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			var e event
			if json.Unmarshal(lines.Bytes(), &e) == nil {
				events <- e
			}
		}
	}()
	return events
}

// expect reads events and compares them with "TYPE name model".
func (c *client) expect(events <-chan event, want ...string) {
	c.t.Helper()
	for _, w := range want {
		select {
		case e, ok := <-events:
			if got := strings.TrimSpace(strings.Join([]string{e.Type, e.Object.Metadata.Name, e.Object.Spec.Model}, " ")); !ok || got != w {
				c.t.Fatalf("event %q, want %q: %s", got, w, e.Object.Message)
			}
		case <-time.After(patience):
			c.t.Fatalf("no event, want %q", w)
		}
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	first, c := start(t, dir)
	before := c.must("POST", robots, robot("a", "model: one")).Metadata.ResourceVersion
	c.must("PATCH", robots+"/a", `{"spec":{"model":"two"}}`, "Content-Type", "application/merge-patch+json")
	c.must("POST", robots, robot("b", "model: three"))
	kept := c.must("GET", robots+"/a", "")
	c.must("DELETE", robots+"/b", "")
	page := c.must("GET", robots+"?limit=1", "")
	running := c.watch(before)
	c.expect(running, "MODIFIED a two", "ADDED b three", "DELETED b three")

	begin := time.Now()
	stop(t, first)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("stopping with a watch open took %v", took)
	}
	for range running { // ends with the server
	}

	second, again := start(t, dir)
	if second.URL() != first.URL() {
		t.Errorf("the port changed: %s, then %s", first.URL(), second.URL())
	}
	if got := again.must("GET", robots+"/a", ""); got.Text != kept.Text {
		t.Errorf("after the restart:\n%s\nbefore:\n%s", got.Text, kept.Text)
	}
	if list := again.must("GET", robots, ""); list.Metadata.ResourceVersion < page.Metadata.ResourceVersion {
		t.Errorf("resource versions went back: %s, then %s", page.Metadata.ResourceVersion, list.Metadata.ResourceVersion)
	}
	resumed := again.watch(before)
	again.expect(resumed, "MODIFIED a two", "ADDED b three", "DELETED b three")
	again.must("POST", robots, robot("d", "model: four"))
	again.expect(resumed, "ADDED d four")
}

func TestWatchBelowTheHistoryIsExpired(t *testing.T) {
	dir := t.TempDir()
	first, c := start(t, dir)
	c.must("POST", robots, robot("a", "model: one"))
	stop(t, first)
	_, again := start(t, dir)
	e, ok := <-again.watch("1")
	if !ok || e.Type != "ERROR" || e.Object.Reason != "Expired" || !strings.Contains(e.Object.Message, "too old") {
		t.Errorf("got %+v", e)
	}
}

func TestAServerWithoutTypes(t *testing.T) {
	_, c := start(t, "", controlplane.Groups{})
	for path, want := range map[string]string{
		"/apis": `"groups":[]`, "/version": "v1.37.2", "/readyz": "ok", "/openapi/v2": `"swagger":"2.0"`, "/openapi/v3": `"paths"`, "/openapi/v3/version": `"openapi"`,
	} {
		if got := c.must("GET", path, ""); !strings.Contains(strings.ReplaceAll(got.Text, " ", ""), strings.ReplaceAll(want, " ", "")) {
			t.Errorf("%s: no %s in %.300s", path, want, got.Text)
		}
	}
}
