package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
)

// minMonitorInterval keeps a monitor from being what a server is busy with.
const minMonitorInterval = 100 * time.Millisecond

func (a *app) monitorCommand() *cobra.Command {
	var o struct {
		name, output string
		interval     time.Duration
		count        int
	}
	cmd := &cobra.Command{
		Use:   "monitor",
		Short: "Show a cluster live: nodes, pods by phase, rates, queues",
		Long: `Show what a cluster has and does, again and again until Ctrl-C: nodes, pods by phase, what is scheduled and requested each second, and
what waits in the queues of the scheduler and the controllers. Where the output is no terminal each time is a line.`,
		Example: `  kubecraft monitor
  kubecraft monitor --count 1 -o json`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(cmd, o.output)
			if err != nil {
				return err
			}
			if o.interval < minMonitorInterval || o.count < 0 {
				return usage(cmd, "--interval is at least %v, --count at least 0", minMonitorInterval)
			}
			server, err := a.server(cmd, o.name)
			if err != nil {
				return err
			}
			defer server.Close()
			show := rows(a.Out)
			switch {
			case asJSON:
				lines := json.NewEncoder(a.Out)
				show = func(_, now sample) error { return lines.Encode(now.Summary) }
			case report.New(a.Out).Terminal() && runtime.GOOS != "windows": // whose consoles may not know how to go up a line
				show = screen(a.Out)
			}
			return monitor(cmd.Context(), server.Summary, o.interval, o.count, show)
		},
	}
	addOutputFlag(cmd, &o.output)
	f := cmd.Flags()
	f.DurationVar(&o.interval, "interval", time.Second, "how often")
	f.IntVar(&o.count, "count", 0, "how many times; 0 is until Ctrl-C")
	f.StringVar(&o.name, "name", "", "the instance's name, outside projects (default \""+defaultInstance+"\")")
	return cmd
}

// sample is a summary and when it was made.
type sample struct {
	*client.Summary
	at time.Time
}

// monitor shows a summary each interval, with the one before it, count times or until ctx ends.
func monitor(ctx context.Context, ask func(context.Context) (*client.Summary, error), interval time.Duration, count int, show func(before, now sample) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var before sample
	for i := 0; ; {
		summary, err := ask(ctx)
		if ctx.Err() != nil {
			return nil // that is how it ends
		}
		if err != nil {
			return err
		}
		now := sample{summary, time.Now()}
		if before.Summary == nil {
			before = now
		}
		if err := show(before, now); err != nil {
			return err
		}
		before = now
		if i++; i == count {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// rate is what is done in a second.
func rate(before, now sample, of func(*client.Summary) float64) float64 {
	passed := now.at.Sub(before.at).Seconds()
	if passed <= 0 {
		return 0
	}
	return max(0, of(now.Summary)-of(before.Summary)) / passed
}

func scheduled(s *client.Summary) float64 { return s.Attempts["scheduled"] }
func writes(s *client.Summary) float64    { return s.Requests.Write }
func reads(s *client.Summary) float64     { return s.Requests.Read }

func failures(s *client.Summary) float64 { return sum(s.Attempts) - scheduled(s) }

func sum[N int | float64](of map[string]N) (all N) {
	for _, n := range of {
		all += n
	}
	return all
}

// screen returns what draws a few lines over those that it has drawn before.
func screen(out io.Writer) func(before, now sample) error {
	drawn := 0
	return func(before, now sample) error {
		lines := []string{
			fmt.Sprintf("nodes      %d, %d ready", now.Nodes.Total, now.Nodes.Ready),
			fmt.Sprintf("pods       %d%s, %d without a node", sum(now.Pods), each(now.Pods), now.Unscheduled),
			fmt.Sprintf("scheduler  %.0f pods/s, %.0f failures/s%s", rate(before, now, scheduled), rate(before, now, failures), each(now.Scheduler)),
			fmt.Sprintf("requests   %.0f writes/s, %.0f reads/s", rate(before, now, writes), rate(before, now, reads)),
			fmt.Sprintf("queues     %.0f%s", sum(now.Queues), each(now.Queues)),
		}
		var text strings.Builder
		if drawn > 0 {
			fmt.Fprintf(&text, "\x1b[%dA", drawn)
		}
		for _, line := range lines {
			text.WriteString(line + "\x1b[K\n")
		}
		drawn = len(lines)
		_, err := io.WriteString(out, text.String())
		return err
	}
}

// each lists what is not zero.
func each[N int | float64](of map[string]N) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if of[name] != 0 {
			all = append(all, fmt.Sprintf("%s %v", name, of[name]))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return " (" + strings.Join(all, ", ") + ")"
}

// rows returns what writes a line, and a header before the first.
func rows(out io.Writer) func(before, now sample) error {
	header := fmt.Sprintf("%-8s  %7s %7s  %7s %7s %11s %9s %7s %11s  %11s %8s %8s %7s\n", "TIME", "NODES", "READY",
		"RUNNING", "PENDING", "UNSCHEDULED", "SUCCEEDED", "FAILED", "TERMINATING", "SCHEDULED/S", "WRITES/S", "READS/S", "QUEUED")
	return func(before, now sample) error {
		_, err := fmt.Fprintf(out, "%s%-8s  %7d %7d  %7d %7d %11d %9d %7d %11d  %11.0f %8.0f %8.0f %7.0f\n", header, now.at.Format(time.TimeOnly),
			now.Nodes.Total, now.Nodes.Ready, now.Pods["Running"], now.Pods["Pending"], now.Unscheduled, now.Pods["Succeeded"], now.Pods["Failed"], now.Pods["Terminating"],
			rate(before, now, scheduled), rate(before, now, writes), rate(before, now, reads), sum(now.Queues))
		header = ""
		return err
	}
}
