package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

const untilReady = "exec to ready, ms"

// starts has a project's server and kubecraft with the control plane compiled in start in turns, over SQLite with empty data.
func starts(ctx context.Context, o options) error {
	whole := &bench.Figures{Name: "kubecraft"}
	project := &bench.Figures{Name: "project"}
	for range o.starts {
		for _, one := range []struct {
			figures *bench.Figures
			command []string
		}{{project, []string{o.server}}, {whole, []string{o.whole, "serve"}}} {
			took, err := untilItSaysSo(ctx, one.command)
			if err != nil {
				return fmt.Errorf("%s: %w", one.figures.Name, err)
			}
			one.figures.Add(untilReady, milliseconds(took))
		}
	}
	bench.WriteTable(os.Stdout, []string{untilReady}, []*bench.Figures{whole, project})
	return nil
}

// untilItSaysSo returns how long a server takes until it says that it is ready, in a folder of its own.
func untilItSaysSo(ctx context.Context, command []string) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "bench-kubernetes-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	server := bench.Command(ctx, dir, command[0], command[1:]...)
	server.Env = append(os.Environ(), "XDG_DATA_HOME="+filepath.Join(dir, "share"))
	server.Stderr = os.Stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := server.Start(); err != nil {
		return 0, err
	}
	out := bufio.NewReader(stdout)
	line, _ := out.ReadString('\n')
	took := time.Since(begin)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if err := end(server); err != nil {
		return 0, err
	}
	if !strings.HasPrefix(line, "ready in ") {
		return 0, fmt.Errorf("it says %q", line)
	}
	return took, nil
}

func end(server *exec.Cmd) error {
	_ = server.Process.Signal(os.Interrupt)
	return server.Wait()
}
