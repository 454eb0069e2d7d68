package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/generator/builtin"
)

func (a *app) whyCommand() *cobra.Command {
	var o struct {
		name, namespace, output string
		attempt                 int
	}
	cmd := &cobra.Command{
		Use:   "why pod NAME",
		Short: "Explain where a pod was scheduled: why this node, why not the others",
		Long: `Explain how the scheduler has decided about a pod: what each plugin says of each node, and what it comes to. A score is the plugin's
share of the total, its own figure in brackets. The scheduler keeps some thousands of decisions, in memory, and serves them as
schedulingdecisions.scheduling.kubecraft.io, to kubectl too.`,
		Example: `  kubecraft why pod web-5fc9f4bf66-gt6qh
  kubecraft why pod web-0 --namespace shop --attempt 1
  kubecraft kubectl get schedulingdecisions`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && strings.HasPrefix(args[0], "pod/") {
				return nil
			}
			if len(args) != 2 || !slices.Contains([]string{"pod", "pods", "po"}, args[0]) {
				return usage(cmd, "say which pod: kubecraft why pod NAME")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := wantsJSON(cmd, o.output)
			if err != nil {
				return err
			}
			server, err := a.server(cmd, o.name)
			if err != nil {
				return err
			}
			defer server.Close()
			pod := strings.TrimPrefix(args[len(args)-1], "pod/")
			decisions, err := server.Decisions(cmd.Context(), o.namespace, pod)
			if errors.Is(err, client.ErrNoDecisions) {
				return fmt.Errorf("%w: it has no scheduler of kubecraft's; kubecraft add part scheduler adds it to a project", err)
			}
			if err != nil {
				return err
			}
			// Asked even if there are decisions: they are of an earlier pod of the name.
			gates, err := server.SchedulingGates(cmd.Context(), o.namespace, pod)
			if err != nil {
				return err
			}
			if len(gates) > 0 {
				return fmt.Errorf("pod %s in namespace %s is held by %s, %s: no scheduler looks at it until it has none", pod, o.namespace, report.Count(len(gates), "scheduling gate"), builtin.Join(gates))
			}
			if len(decisions) == 0 {
				return fmt.Errorf("no decision about pod %s in namespace %s is kept: it is not there, another scheduler is to place it, or it was placed before the server started or too long ago", pod, o.namespace)
			}
			d := decisions[len(decisions)-1]
			// Not of an earlier pod of the name.
			decisions = slices.DeleteFunc(decisions, func(other client.Decision) bool { return other.PodUID != d.PodUID })
			if o.attempt > 0 {
				i := slices.IndexFunc(decisions, func(d client.Decision) bool { return d.Attempt == o.attempt })
				if i < 0 {
					return fmt.Errorf("attempt %d to schedule pod %s is not kept; the last one is %d", o.attempt, pod, d.Attempt)
				}
				d = decisions[i]
			}
			if asJSON {
				return a.writeJSON(d)
			}
			return explain(a.Out, o.namespace+"/"+pod, d)
		},
	}
	addOutputFlag(cmd, &o.output)
	f := cmd.Flags()
	f.StringVarP(&o.namespace, "namespace", "n", "default", "the pod's namespace")
	f.IntVar(&o.attempt, "attempt", 0, "which attempt to schedule it (default: the last)")
	f.StringVar(&o.name, "name", "", "the instance's name, outside projects (default \""+defaultInstance+"\")")
	return cmd
}

// server returns a client of the server of the project that this folder is in, or of an instance.
func (a *app) server(cmd *cobra.Command, name string) (*client.Client, error) {
	dir, err := a.servedFolder(cmd, name)
	if err != nil {
		return nil, err
	}
	if !servedIn(dir) {
		return nil, neverServed(dir)
	}
	return client.FromKubeconfig(kubeconfigIn(dir))
}

// explain writes a decision as a table of the nodes that would do, and of why the others would not.
func explain(out io.Writer, pod string, d client.Decision) error {
	took := time.Duration(d.Microseconds) * time.Microsecond
	switch d.Result {
	case "Scheduled":
		fmt.Fprintf(out, "%s: %s placed it on %s in %s (attempt %d); of %s looked at, %d would do\n", pod, d.Scheduler, d.Node, took, d.Attempt, report.Count(d.Evaluated, "node"), d.Feasible)
	default:
		fmt.Fprintf(out, "%s: %s has not placed it (attempt %d, %s): %s\n", pod, d.Scheduler, d.Attempt, took, d.Message)
		if d.Node != "" {
			fmt.Fprintf(out, "%s had been chosen for it; of %s looked at, %d would do\n", d.Node, report.Count(d.Evaluated, "node"), d.Feasible)
		}
		if d.NominatedNode != "" {
			fmt.Fprintf(out, "pods that matter less are made to leave %s for it%s\n", d.NominatedNode, victims(d.Preemption))
		} else if p := d.Preemption; p != nil && p.Message != "" && !strings.Contains(d.Message, p.Message) {
			fmt.Fprintf(out, "no room was made for it: %s\n", p.Message)
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	if len(d.Candidates) == 1 && len(d.Candidates[0].Scores) == 0 {
		fmt.Fprintf(out, "\n%s\n", alone(d))
	} else if len(d.Candidates) > 0 {
		plugins := deciding(d.Candidates)
		fmt.Fprintf(table, "\nNODE\tTOTAL\t%s\n", strings.ToUpper(strings.Join(plugins, "\t")))
		for _, c := range d.Candidates {
			fmt.Fprintf(table, "%s\t%d", c.Node, c.Total)
			for _, plugin := range plugins {
				i := slices.IndexFunc(c.Scores, func(s client.Score) bool { return s.Plugin == plugin })
				if i < 0 {
					fmt.Fprint(table, "\t")
					continue
				}
				fmt.Fprintf(table, "\t%d (%d)", c.Scores[i].Weighted, c.Scores[i].Raw)
			}
			if c.Node == d.Node {
				fmt.Fprint(table, "\t<- chosen")
			}
			fmt.Fprintln(table)
		}
	}
	if len(d.Rejections) > 0 {
		fmt.Fprint(table, "\nWOULD NOT DO\tPLUGIN\tREASON\tNODES\n")
		for _, r := range d.Rejections {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", report.Count(r.Count, "node"), r.Plugin, r.Reason, someOf(r.Nodes, r.Count))
		}
	}
	return table.Flush()
}

// alone says why the node chosen has no scores.
func alone(d client.Decision) string {
	switch {
	case d.First != nil && d.First.Node == d.Node && d.First.Reason == "Nominated":
		return "it was nominated, by an earlier attempt or by hand, so that no other node was looked at"
	case d.First != nil && d.First.Node == d.Node:
		return "it was the best that was left for a pod alike just before, so that no other node was looked at"
	case d.Evaluated > 1 || len(d.Rejections) > 0:
		return "no other node would do, so that none was scored"
	}
	return "no other node was looked at"
}

// victims names the pods that were made to leave.
func victims(p *client.Preemption) string {
	if p == nil || len(p.Victims) == 0 {
		return ""
	}
	return ": " + someOf(p.Victims, len(p.Victims))
}

// deciding are the plugins that any of the candidates has something from.
func deciding(candidates []client.Candidate) []string {
	var plugins []string
	for _, c := range candidates {
		for _, s := range c.Scores {
			if (s.Weighted != 0 || s.Raw != 0) && !slices.Contains(plugins, s.Plugin) {
				plugins = append(plugins, s.Plugin)
			}
		}
	}
	return plugins
}

// someOf names a few nodes.
func someOf(nodes []string, count int) string {
	const few = 5
	if len(nodes) > few {
		nodes = nodes[:few]
	}
	text := strings.Join(nodes, ", ")
	if count > len(nodes) {
		text += ", ..."
	}
	return text
}
