package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
)

// patience is how long a server may take to stop before it is killed.
const patience = 20 * time.Second

// Server is a running server.
type Server struct {
	Client *client.Client
	// Took is the time from its start until it answered that it is ready.
	Took time.Duration

	cmd  *exec.Cmd
	out  *output
	done chan struct{} // closed once the process is gone
	err  error         // then: how it ended
}

// Start runs binary in dir, a project's root, and returns when it is ready. When that fails, or ctx is cancelled before,
// nothing is left running.
func Start(ctx context.Context, dir, binary string, args ...string) (*Server, error) {
	s := &Server{cmd: exec.Command(binary, args...), out: &output{}, done: make(chan struct{})}
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, s.out, s.out
	s.cmd.WaitDelay = time.Second
	detach(s.cmd)
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", binary, err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	if err := s.await(ctx, filepath.Join(dir, "pki", "kubeconfig")); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	s.Took = time.Since(began)
	return s, nil
}

// await polls, because the kubeconfig is all that a server and its users share.
func (s *Server) await(ctx context.Context, kubeconfig string) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := client.FromKubeconfig(kubeconfig); err == nil {
			asking, cancel := context.WithTimeout(ctx, 5*time.Second)
			err = c.Ready(asking)
			cancel()
			if err == nil {
				s.Client = c
				return nil
			}
			c.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return fmt.Errorf("the server did not start: %s", s.out.lastLine())
		case <-tick.C:
		}
	}
}

// Stop asks the server to end, waits, and kills it when it does not. Stopping twice does nothing.
func (s *Server) Stop() error {
	select {
	case <-s.done:
		return nil
	default:
	}
	if s.Client != nil {
		s.Client.Close()
	}
	if s.cmd.Process.Signal(os.Interrupt) != nil {
		_ = s.cmd.Process.Kill() // there are no signals on Windows; what was acknowledged is on disk
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-s.done:
		return nil
	case <-late.C:
		_ = s.cmd.Process.Kill()
		<-s.done
		return fmt.Errorf("the server did not stop within %s and was killed", patience)
	}
}

// output keeps what the server said, for the case that it fails.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) lastLine() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := strings.TrimSpace(o.text.String())
	if text == "" {
		return "it said nothing"
	}
	return text[strings.LastIndexByte(text, '\n')+1:]
}
