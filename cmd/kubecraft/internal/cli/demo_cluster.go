package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/server"
)

const (
	demoDeployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx
        resources: {requests: {cpu: 500m}}
`
	demoReplicas = 3
	// demoPatience is how long pods may take that start within a second.
	demoPatience = time.Minute
)

// demoCluster shows a cluster: pods of a Deployment that run, and why one of them is where it is.
func (a *app) demoCluster(ctx context.Context) (err error) {
	if a.controlPlane == nil {
		return a.handOver(ctx)
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "kubecraft-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	d := &demo{app: a, out: report.New(a.Out), dir: temp}
	began := time.Now()
	d.out.Line("A Kubernetes cluster in one process: the API, the controllers, the scheduler; three nodes that are simulated, on which nothing is run.")
	d.say("kubecraft serve")
	s, err := server.Start(ctx, temp, binary, "serve", "--name", filepath.Base(temp), "--storage", "memory", "--write-kubeconfig", filepath.Join(temp, "pki", "kubeconfig"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	d.out.Line("ready in %s   %s", report.Duration(s.Took), s.Client.Server())
	if err := d.useCluster(ctx, s.Client); err != nil {
		return err
	}
	d.out.Line("")
	d.out.Line("Done in %s. Nothing of it is left; kubecraft serve runs one that stays.", report.Duration(time.Since(began)))
	return nil
}

func (d *demo) useCluster(ctx context.Context, c *client.Client) error {
	d.say("cat web.yaml")
	d.out.Line("%s", strings.TrimRight(demoDeployment, "\n"))
	d.say("kubectl create -f web.yaml")
	began := time.Now()
	made, err := c.CreateYAML(ctx, "/apis/apps/v1/namespaces/default/deployments", []byte(demoDeployment))
	if err != nil {
		return err
	}
	d.out.Line("deployment.apps/%s created", made.Metadata.Name)
	d.say("kubectl rollout status deployment/web")
	pods, err := d.awaitPods(ctx, c)
	if err != nil {
		return err
	}
	d.out.Line("deployment \"web\" successfully rolled out in %s", report.Duration(time.Since(began)))
	d.say("kubectl get pods")
	if err := d.show(pods, nil); err != nil {
		return err
	}
	pod := pods.Rows[0][0]
	d.say("kubecraft why pod %s", pod)
	decisions, err := c.Decisions(ctx, "default", pod)
	if err != nil {
		return err
	}
	if len(decisions) == 0 {
		return fmt.Errorf("the scheduler tells nothing of pod %s", pod)
	}
	var text strings.Builder
	if err := explain(&text, "default/"+pod, decisions[len(decisions)-1]); err != nil {
		return err
	}
	d.out.Line("%s", strings.TrimRight(text.String(), "\n"))
	return nil
}

// awaitPods waits until all pods run, and returns them as a table.
func (d *demo) awaitPods(ctx context.Context, c *client.Client) (client.Table, error) {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		pods, err := c.Table(ctx, "/api/v1/namespaces/default/pods")
		if err != nil {
			return pods, err
		}
		running := 0
		for _, row := range pods.Rows {
			if strings.Contains(strings.Join(row, " "), "1/1 Running") {
				running++
			}
		}
		if running == demoReplicas {
			return pods, nil
		}
		d.out.Draw("%d of %d pods run", running, demoReplicas)
		select {
		case <-ctx.Done():
			return pods, fmt.Errorf("%d of %d pods run after %s", running, demoReplicas, demoPatience)
		case <-tick.C:
		}
	}
}
