package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// patience is how long a server may take to start, and objects to settle.
const patience = time.Minute

// advertised is the address that both sides say they are at: a machine without a network has no other (RFC 5737).
const advertised = "192.0.2.1"

// side is one of the API servers that are compared.
type side struct {
	name, url string
	dir       string
	processes []*exec.Cmd
	clients   map[string]*http.Client // by user
}

// binaries are the programs of both sides.
type binaries struct{ server, apiserver, controllers, etcd string }

// start runs both sides below a folder. The peer has our certificates and keys, so that those do not differ, the flags that
// kubecraft sets, and the same controllers in upstream's process.
func (b binaries) start(ctx context.Context, dir string) (ours, theirs *side, err error) {
	ours = &side{name: "ours", dir: filepath.Join(dir, "ours")}
	theirs = &side{name: "upstream's", dir: filepath.Join(dir, "upstream")}
	defer func() {
		if err != nil {
			ours.stop()
			theirs.stop()
		}
	}()
	for _, s := range []*side{ours, theirs} {
		if err := os.Mkdir(s.dir, 0o700); err != nil {
			return ours, theirs, err
		}
	}
	pki := filepath.Join(dir, "pki")
	if err = b.startOurs(ctx, ours, pki); err != nil {
		return ours, theirs, err
	}
	return ours, theirs, b.startUpstream(ctx, theirs, ours.url, pki)
}

func (b binaries) startOurs(ctx context.Context, s *side, pki string) error {
	address, err := bench.FreeAddress()
	if err != nil {
		return err
	}
	_, port, _ := strings.Cut(address, ":")
	s.url = "https://" + address
	if err := s.run(ctx, b.server, "--port", port, "--pki", pki, "--advertise-address", advertised); err != nil {
		return err
	}
	if err := s.awaitReady(ctx, pki); err != nil {
		return err
	}
	for begin := time.Now(); ; { // it is written last
		err := s.writeKubeconfig(pki, s.url)
		if err == nil || time.Since(begin) > patience {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// anonymous lets strangers ask for health alone, as kubecraft does by itself.
const anonymous = `{"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration",
"anonymous": {"enabled": true, "conditions": [{"path": "/livez"}, {"path": "/readyz"}, {"path": "/healthz"}]}}`

func (b binaries) startUpstream(ctx context.Context, s *side, oursURL, pki string) error {
	var addresses [3]string
	for i := range addresses {
		var err error
		if addresses[i], err = bench.FreeAddress(); err != nil {
			return err
		}
	}
	client, peer := "http://"+addresses[0], "http://"+addresses[1]
	_, port, _ := strings.Cut(addresses[2], ":")
	s.url = "https://" + addresses[2]
	authentication := filepath.Join(s.dir, "authentication.json")
	if err := os.WriteFile(authentication, []byte(anonymous), 0o600); err != nil {
		return err
	}
	in := func(name string) string { return filepath.Join(pki, name) }
	if err := s.run(ctx, b.etcd, "--data-dir", filepath.Join(s.dir, "etcd"), "--unsafe-no-fsync", "--log-level", "error",
		"--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
		"--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer); err != nil {
		return err
	}
	if err := s.run(ctx, b.apiserver, "--etcd-servers", client,
		"--bind-address", "127.0.0.1", "--secure-port", port, "--advertise-address", advertised,
		"--tls-cert-file", in("apiserver.crt"), "--tls-private-key-file", in("apiserver.key"), "--client-ca-file", in("ca.crt"),
		"--service-account-issuer", "https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file", in("sa.key"), "--service-account-signing-key-file", in("sa.key"),
		"--requestheader-client-ca-file", in("front-proxy-ca.crt"), "--requestheader-allowed-names", "front-proxy-client",
		"--requestheader-username-headers", "X-Remote-User", "--requestheader-group-headers", "X-Remote-Group",
		"--requestheader-uid-headers", "X-Remote-Uid", "--requestheader-extra-headers-prefix", "X-Remote-Extra-",
		"--proxy-client-cert-file", in("front-proxy-client.crt"), "--proxy-client-key-file", in("front-proxy-client.key"),
		"--service-cluster-ip-range", "10.96.0.0/12", "--authorization-mode", "Node,RBAC", "--enable-admission-plugins", "NodeRestriction",
		"--enable-bootstrap-token-auth", "--allow-privileged", "--authentication-config", authentication); err != nil {
		return err
	}
	if err := s.awaitReady(ctx, pki); err != nil {
		return err
	}
	if err := s.writeKubeconfig(pki, oursURL); err != nil {
		return err
	}
	return s.run(ctx, b.controllers, "--kubeconfig", s.kubeconfig(), "--secure-port", "0", "--leader-elect=false",
		"--service-account-private-key-file", in("sa.key"), "--root-ca-file", in("ca.crt"),
		"--controllers", "namespace-controller,garbage-collector-controller,serviceaccount-controller,serviceaccount-token-controller,"+
			"root-ca-certificate-publisher-controller,clusterrole-aggregation-controller")
}

// kubeconfig is the administrator's file.
func (s *side) kubeconfig() string { return filepath.Join(s.dir, "kubeconfig") }

// writeKubeconfig makes it from the one that kubecraft has made for its own address.
func (s *side) writeKubeconfig(pki, oursURL string) error {
	file := filepath.Join(pki, "kubeconfig")
	config, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Contains(config, []byte(oursURL)) {
		return fmt.Errorf("%s does not name %s", file, oursURL)
	}
	return os.WriteFile(s.kubeconfig(), bytes.ReplaceAll(config, []byte(oursURL), []byte(s.url)), 0o600)
}

// run starts a process that ends with an interrupt.
func (s *side) run(ctx context.Context, binary string, args ...string) error {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = s.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	log, err := os.Create(filepath.Join(s.dir, filepath.Base(binary)+".log"))
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.processes = append(s.processes, cmd)
	return nil
}

func (s *side) stop() {
	for i := len(s.processes) - 1; i >= 0; i-- {
		_ = s.processes[i].Process.Signal(os.Interrupt)
		_ = s.processes[i].Wait()
	}
	s.processes = nil
}

func (s *side) awaitReady(ctx context.Context, pki string) error {
	begin := time.Now()
	for {
		err := s.connect(pki)
		if err == nil {
			var got *answer
			if got, err = s.do(ctx, request{Path: "/readyz"}); err == nil {
				if got.status == http.StatusOK {
					return nil
				}
				err = fmt.Errorf("%d: %s", got.status, got.body)
			}
		}
		if time.Since(begin) > patience {
			return fmt.Errorf("%s is not ready after %v: %w; see the logs in %s", s.name, patience, err, s.dir)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// pause is between two looks at something that is waited for.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}
