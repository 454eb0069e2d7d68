package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Where a cluster's simulated nodes are told how many they are to be (runtime/kubelet/scale.go).
const (
	scalePath   = "/api/v1/namespaces/kube-system/configmaps/simulated-nodes"
	scaleEvents = "/api/v1/namespaces/kube-system/events?fieldSelector=involvedObject.name%3Dsimulated-nodes,reason%3DScaleFailed"
)

// CheckNode asks whether a Node, in JSON, could be made, and makes none. What the Node does not have is refused too.
func (c *Client) CheckNode(ctx context.Context, node []byte) error {
	return c.do(ctx, http.MethodPost, "/api/v1/nodes?dryRun=All&fieldValidation=Strict", asJSON, asJSON, node, nil)
}

// ScaleNodes says how many simulated nodes there are to be, and what they are like: a Node in YAML, empty for the built-in one.
// It returns the version of what was said.
func (c *Client) ScaleNodes(ctx context.Context, nodes int, template string) (version string, err error) {
	wanted, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "simulated-nodes", "namespace": "kube-system"},
		"data":     map[string]string{"nodes": strconv.Itoa(nodes), "template": template},
	})
	if err != nil {
		return "", err
	}
	var written Object
	err = c.do(ctx, http.MethodPatch, scalePath+"?fieldManager=kubecraft&force=true", asJSON, "application/apply-patch+yaml", wanted, &written)
	return written.Metadata.ResourceVersion, err
}

// CountNodes returns how many nodes there are.
func (c *Client) CountNodes(ctx context.Context) (int, error) {
	var list struct {
		Metadata struct {
			RemainingItemCount int `json:"remainingItemCount"`
		} `json:"metadata"`
		Items []json.RawMessage `json:"items"`
	}
	err := c.do(ctx, http.MethodGet, "/api/v1/nodes?limit=1", asJSON, "", nil, &list)
	return len(list.Items) + list.Metadata.RemainingItemCount, err
}

// HasNode says whether there is a node of a name.
func (c *Client) HasNode(ctx context.Context, name string) (bool, error) {
	err := c.do(ctx, http.MethodGet, "/api/v1/nodes/"+url.PathEscape(name), asJSON, "", nil, nil)
	if status := new(StatusError); errors.As(err, &status) && status.Code == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

// ScaleFailure returns why nodes could not be made as was said, empty if they could.
func (c *Client) ScaleFailure(ctx context.Context, version string) (string, error) {
	var list struct {
		Items []struct {
			Message        string
			InvolvedObject struct{ ResourceVersion string }
		}
	}
	if err := c.do(ctx, http.MethodGet, scaleEvents, asJSON, "", nil, &list); err != nil {
		return "", err
	}
	for _, event := range list.Items {
		if event.InvolvedObject.ResourceVersion == version {
			return fmt.Sprintf("nodes are not made: %s", event.Message), nil
		}
	}
	return "", nil
}
