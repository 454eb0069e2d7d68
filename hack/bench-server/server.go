package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// server is a running API server, and what its peer store needs beside it.
type server struct {
	cmd   *exec.Cmd
	url   string
	dir   string
	ready time.Duration // from exec to the first 200 of /readyz
}

var address = regexp.MustCompile(`https://\S+`)

// startServer runs the server's binary over dir and returns when /readyz answers 200.
func startServer(ctx context.Context, binary, dir string, args ...string) (*server, error) {
	args = append([]string{
		"--data", filepath.Join(dir, "data"), "--pki", filepath.Join(dir, "pki"),
		"--write-kubeconfig", filepath.Join(dir, "pki", "kubeconfig"),
	}, args...)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, dir: dir}
	lines := bufio.NewScanner(stdout)
	for s.url == "" && lines.Scan() {
		s.url = address.FindString(lines.Text())
	}
	if s.url == "" {
		return nil, fmt.Errorf("%s did not become ready: %s", binary, strings.TrimSpace(stderr.String()))
	}
	go func() {
		for lines.Scan() {
		}
	}()
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	for {
		response, err := client.Get(s.url + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				s.ready = time.Since(begin)
				return s, nil
			}
		}
		if time.Since(begin) > time.Minute {
			return nil, errors.Join(errors.New("not ready after a minute"), err)
		}
	}
}

// client authenticates with the administrator's certificate. Each client has a connection of its own.
func (s *server) client() (*http.Client, error) {
	pki := filepath.Join(s.dir, "pki")
	certificate, err := tls.LoadX509KeyPair(filepath.Join(pki, "admin.crt"), filepath.Join(pki, "admin.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(pki, "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
		ForceAttemptHTTP2: true,
	}}, nil
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// peer is a store in a process of its own that speaks etcd's protocol.
type peer struct {
	cmd      *exec.Cmd
	endpoint string
}

func startPeer(ctx context.Context, name, binary, dir string) (*peer, error) {
	client, err := bench.FreeAddress()
	if err != nil {
		return nil, err
	}
	other, err := bench.FreeAddress()
	if err != nil {
		return nil, err
	}
	var args []string
	switch name {
	case "etcd":
		args = []string{
			"--data-dir", filepath.Join(dir, "etcd"), "--log-level", "error",
			"--listen-client-urls", "http://" + client, "--advertise-client-urls", "http://" + client,
			"--listen-peer-urls", "http://" + other, "--initial-advertise-peer-urls", "http://" + other,
			"--initial-cluster", "default=http://" + other,
		}
	case "kine":
		args = []string{
			"--listen-address", client, "--metrics-bind-address", "0",
			"--endpoint", "sqlite://" + filepath.Join(dir, "kine.db") + "?_journal=WAL&_synchronous=FULL&cache=shared&_busy_timeout=30000",
		}
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for begin := time.Now(); ; {
		connection, err := net.Dial("tcp", client)
		if err == nil {
			connection.Close()
			return &peer{cmd: cmd, endpoint: "http://" + client}, nil
		}
		if time.Since(begin) > 20*time.Second {
			return nil, fmt.Errorf("%s does not listen: %w", name, err)
		}
	}
}

func (p *peer) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}
