package bench

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
	"time"
)

// WithoutServiceAccounts is what envtest gives its kube-apiserver: pods need no account then.
const WithoutServiceAccounts = "--disable-admission-plugins=ServiceAccount"

// Kubernetes is examples/kubernetes, running.
type Kubernetes struct {
	Command  *exec.Cmd
	URL      string
	Identity tls.Certificate // an administrator's
	Errors   *bytes.Buffer   // what it has written there
}

// StartKubernetes runs it over a store in a folder, which it may have served before, and returns when it says that it is
// ready. It ends with ctx, by an interrupt.
func StartKubernetes(ctx context.Context, binary, dir, store string) (*Kubernetes, error) {
	k := &Kubernetes{Command: Command(ctx, dir, binary, "--storage", store, WithoutServiceAccounts), Errors: &bytes.Buffer{}}
	k.Command.Stderr = k.Errors
	stdout, err := k.Command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := k.Command.Start(); err != nil {
		return nil, err
	}
	out := bufio.NewReader(stdout)
	line, _ := out.ReadString('\n') // it says where it serves
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if k.URL = regexp.MustCompile(`https://\S+`).FindString(line); k.URL == "" {
		k.Stop()
		return nil, fmt.Errorf("%s does not start: %s", binary, k.Errors)
	}
	if k.Identity, err = tls.LoadX509KeyPair(filepath.Join(dir, "pki", "admin.crt"), filepath.Join(dir, "pki", "admin.key")); err != nil {
		k.Stop()
		return nil, err
	}
	return k, nil
}

// Stop interrupts it and waits for its end.
func (k *Kubernetes) Stop() {
	_ = k.Command.Process.Signal(os.Interrupt)
	_ = k.Command.Wait() // its code is not what is measured
}

// Command prepares a process that ends with an interrupt.
func Command(ctx context.Context, dir, binary string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// Transport has connections of its own, which show the certificates.
func Transport(certificates ...tls.Certificate) *http.Transport {
	return &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, // what is measured is not who answers
		Certificates:       certificates,
	}}
}
