package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/server"
)

const demoBar = `apiVersion: example/v1
kind: Bar
metadata:
  name: first
spec:
  description: made by kubecraft demo
`

const (
	barsPath = "/apis/example/v1/namespaces/default/bars"
	kubectl  = "kubectl --kubeconfig pki/kubeconfig "
)

// use runs the server twice: objects made with the first must be there with the second.
func (d *demo) use(ctx context.Context, binary string) (err error) {
	s, err := d.serve(ctx, binary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()

	d.say(kubectl + "api-resources")
	if err := d.show(s.Client.Resources(ctx)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.dir, "bar.yaml"), []byte(demoBar), 0o644); err != nil {
		return err
	}
	d.say("cat bar.yaml")
	d.out.Line("%s", strings.TrimRight(demoBar, "\n"))
	d.say(kubectl + "create -f bar.yaml")
	made, err := s.Client.CreateYAML(ctx, barsPath, []byte(demoBar))
	if err != nil {
		return err
	}
	d.out.Line("bar.example/%s created", made.Metadata.Name)
	if err := d.getBars(ctx, s.Client); err != nil {
		return err
	}

	d.out.Line("")
	d.out.Line("Ctrl-C, and again:")
	if err := s.Stop(); err != nil {
		return err
	}
	d.say("kubecraft serve")
	again, err := d.serve(ctx, binary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, again.Stop()) }()
	if err := d.getBars(ctx, again.Client); err != nil {
		return err
	}
	found, err := again.Client.Get(ctx, barsPath+"/"+made.Metadata.Name)
	if err != nil {
		return err
	}
	if found.Metadata != made.Metadata {
		return fmt.Errorf("the restart changed the object from %+v to %+v", made.Metadata, found.Metadata)
	}
	return nil
}

func (d *demo) serve(ctx context.Context, binary string) (*server.Server, error) {
	s, err := server.Start(ctx, d.dir, binary)
	if err != nil {
		return nil, err
	}
	d.out.Line("ready in %s   %s   kubeconfig pki/kubeconfig", report.Duration(s.Took), s.Client.Server())
	return s, nil
}

func (d *demo) getBars(ctx context.Context, c *client.Client) error {
	d.say(kubectl + "get bars")
	return d.show(c.Table(ctx, barsPath))
}

func (d *demo) show(table client.Table, err error) error {
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := table.Write(&text); err != nil {
		return err
	}
	d.out.Line("%s", strings.TrimRight(text.String(), "\n"))
	return nil
}
