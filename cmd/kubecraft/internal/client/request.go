package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// What the server is asked to answer with.
const (
	asJSON      = "application/json"
	asTable     = "application/json;as=Table;g=meta.k8s.io;v=v1"
	asDiscovery = "application/json;as=APIGroupDiscoveryList;g=apidiscovery.k8s.io;v=v2"
)

// do makes a request and decodes a JSON answer. A refusal is an error with the server's own message.
func (c *Client) do(ctx context.Context, method, path, accept, contentType string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "kubecraft")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		var status struct {
			Message string
			Details struct{ Causes []Cause }
		}
		if json.Unmarshal(answer, &status) == nil && status.Message != "" {
			return &StatusError{Code: resp.StatusCode, Reason: status.Message, Causes: status.Details.Causes,
				message: fmt.Sprintf("the server refuses %s %s: %s", method, path, status.Message)}
		}
		return &StatusError{Code: resp.StatusCode, message: fmt.Sprintf("the server answers %s %s with %s", method, path, resp.Status)}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// StatusError is an answer of the server's other than success.
type StatusError struct {
	Code int
	// Reason is the server's own message, Causes what it says of single fields. Either may be empty.
	Reason  string
	Causes  []Cause
	message string
}

// Cause is what is wrong with one field of an object, which a path names.
type Cause struct{ Field, Message string }

func (e *StatusError) Error() string { return e.message }

// Ready asks whether the server serves.
func (c *Client) Ready(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "/readyz", "*/*", "", nil, nil)
}

// Object is any object.
type Object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name            string `json:"name"`
		UID             string `json:"uid"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
}

// CreateYAML creates an object under a collection's path, from YAML as it is.
func (c *Client) CreateYAML(ctx context.Context, path string, text []byte) (Object, error) {
	var created Object
	err := c.do(ctx, http.MethodPost, path, asJSON, "application/yaml", text, &created)
	return created, err
}

// Get reads an object.
func (c *Client) Get(ctx context.Context, path string) (Object, error) {
	var found Object
	err := c.do(ctx, http.MethodGet, path, asJSON, "", nil, &found)
	return found, err
}

// Table reads an object or a collection as the table that the server makes of it.
func (c *Client) Table(ctx context.Context, path string) (Table, error) {
	var answer struct {
		ColumnDefinitions []struct {
			Name     string
			Priority int32
		}
		Rows []struct{ Cells []any }
	}
	if err := c.do(ctx, http.MethodGet, path, asTable, "", nil, &answer); err != nil {
		return Table{}, err
	}
	var t Table
	var shown []int
	for i, column := range answer.ColumnDefinitions {
		if column.Priority == 0 {
			shown = append(shown, i)
			t.Header = append(t.Header, strings.ToUpper(column.Name))
		}
	}
	for _, row := range answer.Rows {
		var cells []string
		for _, i := range shown {
			cell := "" // as kubectl shows what has no value
			if i < len(row.Cells) && row.Cells[i] != nil {
				cell = fmt.Sprint(row.Cells[i])
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t, nil
}

// Resources lists what the server serves, as `kubectl api-resources` does.
func (c *Client) Resources(ctx context.Context) (Table, error) {
	var answer struct {
		Items []struct {
			Metadata struct{ Name string }
			Versions []struct {
				Version   string
				Resources []struct {
					Resource     string
					Scope        string
					ShortNames   []string
					ResponseKind struct{ Kind string }
				}
			}
		}
	}
	if err := c.do(ctx, http.MethodGet, "/apis", asDiscovery, "", nil, &answer); err != nil {
		return Table{}, err
	}
	t := Table{Header: []string{"NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"}}
	for _, group := range answer.Items {
		if len(group.Versions) == 0 {
			continue
		}
		// The first version is the preferred one.
		for _, r := range group.Versions[0].Resources {
			t.Rows = append(t.Rows, []string{
				r.Resource, strings.Join(r.ShortNames, ","), group.Metadata.Name + "/" + group.Versions[0].Version,
				fmt.Sprint(r.Scope == "Namespaced"), r.ResponseKind.Kind,
			})
		}
	}
	slices.SortStableFunc(t.Rows, func(a, b []string) int { return strings.Compare(a[2]+a[0], b[2]+b[0]) })
	return t, nil
}
