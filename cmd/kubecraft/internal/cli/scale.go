package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
)

const (
	maxNodes = 100_000
	// scalePoll is how often it is looked how far the nodes are.
	scalePoll = 200 * time.Millisecond
	// scalePatience is how long the number of nodes may stay the same before it is what was asked for.
	scalePatience = 40 * time.Second
)

func (a *app) scaleCommand() *cobra.Command {
	var name, template string
	cmd := &cobra.Command{
		Use:   "scale nodes N",
		Short: "Simulate as many nodes as you say",
		Long: `Make the simulated nodes as many as you say: node-0 and so on; what is too many goes. The number stays when the server is started again.
Nodes are like the template, a Node in YAML with labels, taints and status.capacity; without a capacity they have 8 CPUs, 32 GiB of memory,
100 GiB of disk and 110 pods. Those that are there stay as they are. A template that is wrong is refused, and nothing changes. Any Node
with the annotation kwok.x-k8s.io/node=fake, whoever makes it, is simulated too, and is not counted.`,
		Example: `  kubecraft scale nodes 100
  kubecraft scale nodes 5000 --template big.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 || args[0] != "nodes" {
				return usage(cmd, "say how many nodes: kubecraft scale nodes N")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 0 || n > maxNodes {
				return usage(cmd, "%q is not a number of nodes: from 0 to %d can be simulated", args[1], maxNodes)
			}
			like, err := readNodeTemplate(template)
			if err != nil {
				return err
			}
			server, err := a.server(cmd, name)
			if err != nil {
				return err
			}
			defer server.Close()
			if err := like.checkWith(cmd.Context(), server); err != nil {
				return err
			}
			return a.scaleNodes(cmd.Context(), server, n, string(like.text))
		},
	}
	f := cmd.Flags()
	f.StringVar(&template, "template", "", "file with the Node that new ones are like")
	f.StringVar(&name, "name", "", "the instance's name, outside projects (default \""+defaultInstance+"\")")
	return cmd
}

// scaleNodes waits until there are as many nodes as were asked for.
func (a *app) scaleNodes(ctx context.Context, server *client.Client, n int, template string) error {
	began := time.Now()
	version, err := server.ScaleNodes(ctx, n, template)
	if err != nil {
		return err
	}
	moved, before := began, -1
	tick := time.NewTicker(scalePoll)
	defer tick.Stop()
	defer a.progress.Erase()
	for {
		// The one that is made last, about, and the first too many, which goes last.
		last, err := server.HasNode(ctx, "node-"+strconv.Itoa(n-1))
		if err != nil {
			return err
		}
		more, err := server.HasNode(ctx, "node-"+strconv.Itoa(n))
		if err != nil {
			return err
		}
		count, err := server.CountNodes(ctx)
		if err != nil {
			return err
		}
		if (last || n == 0) && !more && count >= n {
			a.progress.Erase()
			fmt.Fprintf(a.Out, "%s in %s\n", report.Count(n, "node"), report.Duration(time.Since(began)))
			return nil
		}
		if count != before {
			moved, before = time.Now(), count
		}
		if time.Since(moved) > scalePatience {
			return fmt.Errorf("there are %s, and for %s it has not changed: does the server simulate nodes (the part kubelet)?", report.Count(count, "node"), report.Duration(scalePatience))
		}
		failure, err := server.ScaleFailure(ctx, version)
		if err != nil {
			return err
		}
		if failure != "" {
			return errors.New(failure)
		}
		a.progress.Draw("%d of %s, %s", count, report.Count(n, "node"), report.Duration(time.Since(began)))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
