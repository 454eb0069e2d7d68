package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// server is examples/kubernetes over a folder.
type server struct {
	command  *exec.Cmd
	url      string
	identity tls.Certificate
	admin    *http.Client
}

var address = regexp.MustCompile(`https://\S+`)

// start returns when the server says that it is ready.
func start(ctx context.Context, o options, dir string) (*server, error) {
	// Pods need no account then, as with envtest.
	command := exec.CommandContext(ctx, o.server, "--storage", o.storage, "--disable-admission-plugins=ServiceAccount")
	command.Dir = dir
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &server{command: command}
	out := bufio.NewReader(stdout)
	line, _ := out.ReadString('\n')
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if s.url = address.FindString(line); s.url == "" {
		s.stop()
		return nil, fmt.Errorf("%s does not start: %s", o.server, &stderr)
	}
	if s.identity, err = tls.LoadX509KeyPair(filepath.Join(dir, "pki", "admin.crt"), filepath.Join(dir, "pki", "admin.key")); err != nil {
		s.stop()
		return nil, err
	}
	s.admin = s.client()
	return s, nil
}

// client has a connection of its own.
func (s *server) client() *http.Client {
	return &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, // what is measured is not who answers
		Certificates:       []tls.Certificate{s.identity},
	}}}
}

// metrics are those without labels.
func (s *server) metrics() (map[string]float64, error) {
	text, err := bench.Send(s.admin, http.MethodGet, s.url+"/metrics", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = number
		}
	}
	return values, nil
}

func (s *server) stop() {
	_ = s.command.Process.Signal(os.Interrupt)
	_ = s.command.Wait() // its code is not what is measured
}
