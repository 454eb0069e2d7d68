package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// process is one of a cluster's.
type process struct {
	*exec.Cmd
	// done is closed when it has ended.
	done chan struct{}
}

// start starts a process, and has it said in c.ended if it ends.
func (c *cluster) start(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return err
	}
	p := &process{cmd, make(chan struct{})}
	c.processes = append(c.processes, p)
	go func() {
		defer close(p.done)
		err := cmd.Wait()
		select {
		case c.ended <- fmt.Errorf("%s has ended: %v\n%s", filepath.Base(cmd.Path), err, said.Bytes()):
		default:
		}
	}()
	return nil
}

// stop ends all processes, the last one first.
func (c *cluster) stop() {
	for _, p := range slices.Backward(c.processes) {
		_ = p.Process.Signal(syscall.SIGTERM)
		<-p.done
	}
}

// cpu is the time that all processes have had together.
func (c *cluster) cpu() (sum time.Duration) {
	for _, p := range c.processes {
		sum += bench.CPU(p.Process.Pid)
	}
	return sum
}

// memory is what they take together, in MiB.
func (c *cluster) memory() (sum int) {
	for _, p := range c.processes {
		sum += bench.Memory(p.Process.Pid)
	}
	return sum
}
