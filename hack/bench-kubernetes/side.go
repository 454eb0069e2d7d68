package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// side is one of the servers that are compared.
type side struct {
	figures *bench.Figures
	// start runs the server over a folder, which it may have served before, and returns when it is ready.
	start func(ctx context.Context, dir string) (*server, error)
}

// startIn runs it over a folder of its own in dir.
func (s side) startIn(ctx context.Context, dir string) (*server, error) {
	dir = filepath.Join(dir, s.figures.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	running, err := s.start(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.figures.Name, err)
	}
	return running, nil
}

// server is a running API server, with the processes that it is made of: the one that serves comes last.
type server struct {
	url       string
	processes []*exec.Cmd
	output    *bytes.Buffer
	token     string            // of an administrator, or
	identity  []tls.Certificate // an administrator's
	ready     time.Duration     // from the first exec to the first 200 of /readyz
}

const patience = time.Minute

// ours is examples/kubernetes over a store.
func ours(binary, store string) func(context.Context, string) (*server, error) {
	return func(ctx context.Context, dir string) (*server, error) {
		begin := time.Now()
		k, err := bench.StartKubernetes(ctx, binary, dir, store)
		if err != nil {
			return nil, err
		}
		s := &server{url: k.URL, processes: []*exec.Cmd{k.Command}, output: k.Errors, identity: []tls.Certificate{k.Identity}}
		return s, s.awaitReady(begin)
	}
}

// upstream is kube-apiserver over etcd, with the flags of envtest (sigs.k8s.io/controller-runtime/pkg/internal/testing/controlplane).
func upstream(apiserver, etcd string) func(context.Context, string) (*server, error) {
	return func(ctx context.Context, dir string) (*server, error) {
		var addresses [3]string
		for i := range addresses {
			var err error
			if addresses[i], err = bench.FreeAddress(); err != nil {
				return nil, err
			}
		}
		client, peer, serving := "http://"+addresses[0], "http://"+addresses[1], addresses[2]
		const token = "bench"
		if err := os.WriteFile(filepath.Join(dir, "tokens"), []byte(token+",admin,1,system:masters\n"), 0o600); err != nil {
			return nil, err
		}
		key := filepath.Join(dir, "sa.key")
		if _, err := os.Stat(key); err != nil {
			if out, err := exec.CommandContext(ctx, "openssl", "genrsa", "-out", key, "2048").CombinedOutput(); err != nil {
				return nil, fmt.Errorf("openssl: %w: %s", err, out)
			}
		}
		_, port, _ := strings.Cut(serving, ":")
		s := &server{url: "https://" + serving, token: token, output: &bytes.Buffer{}, processes: []*exec.Cmd{
			bench.Command(ctx, dir, etcd, "--data-dir", filepath.Join(dir, "etcd"), "--unsafe-no-fsync", "--log-level", "error",
				"--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
				"--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer),
			bench.Command(ctx, dir, apiserver, "--etcd-servers", client, "--cert-dir", filepath.Join(dir, "certs"),
				"--bind-address", "127.0.0.1", "--secure-port", port, "--service-cluster-ip-range", "10.0.0.0/24",
				"--service-account-issuer", "https://"+serving+"/", "--service-account-key-file", key, "--service-account-signing-key-file", key,
				"--authorization-mode", "RBAC", "--allow-privileged", "--token-auth-file", filepath.Join(dir, "tokens"), bench.WithoutServiceAccounts),
		}}
		begin := time.Now()
		s.processes[len(s.processes)-1].Stderr = s.output
		for _, cmd := range s.processes {
			if err := cmd.Start(); err != nil {
				return nil, err
			}
		}
		return s, s.awaitReady(begin)
	}
}

func (s *server) awaitReady(begin time.Time) error {
	client := s.client()
	defer client.CloseIdleConnections()
	for {
		if _, err := bench.Send(client, http.MethodGet, s.url+"/readyz", nil, http.StatusOK); err == nil {
			s.ready = time.Since(begin)
			return nil
		} else if time.Since(begin) > patience {
			s.stop()
			return fmt.Errorf("not ready after %v: %w\n%s", patience, err, s.output)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// client has a connection of its own.
func (s *server) client() *http.Client {
	transport := http.RoundTripper(bench.Transport(s.identity...))
	if s.token != "" {
		transport = withToken{transport, s.token}
	}
	return &http.Client{Transport: transport}
}

type withToken struct {
	http.RoundTripper
	token string
}

// RoundTrip implements http.RoundTripper.
func (w withToken) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+w.token)
	return w.RoundTripper.RoundTrip(req)
}

// memory is what the server's processes take, in MiB.
func (s *server) memory() float64 {
	sum := 0
	for _, cmd := range s.processes {
		sum += bench.Memory(cmd.Process.Pid)
	}
	return float64(sum)
}

func (s *server) stop() {
	for i := len(s.processes) - 1; i >= 0; i-- {
		_ = s.processes[i].Process.Signal(os.Interrupt)
		_ = s.processes[i].Wait() // its code is not what is measured
	}
}
