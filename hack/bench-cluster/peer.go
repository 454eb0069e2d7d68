package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/hack/bench"
)

const (
	peerToken = "bench"
	// peerQPS is no limit on requests: upstream's is 20 a second for each controller, kwok's own tools raise it too.
	peerQPS = "10000"
	// makers is how many nodes are made at once.
	makers = 16
)

// startPeer starts kwok over etcd, kube-apiserver, kube-controller-manager and kube-scheduler, whose programs are in a folder.
func startPeer(ctx context.Context, o options, dir string) (_ *cluster, err error) {
	o.profile = "" // one process's would say little of all
	c := newCluster(o)
	defer func() {
		if err != nil {
			c.stop()
		}
	}()
	var ports [4]string
	for i := range ports {
		address, err := bench.FreeAddress()
		if err != nil {
			return nil, err
		}
		_, ports[i], _ = net.SplitHostPort(address)
	}
	client, peer, serving := "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1], "https://127.0.0.1:"+ports[2]
	key, tokens, kubeconfig := filepath.Join(dir, "sa.key"), filepath.Join(dir, "tokens"), filepath.Join(dir, "kubeconfig")
	if out, err := exec.CommandContext(ctx, "openssl", "genrsa", "-out", key, "2048").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("openssl: %w: %s", err, out)
	}
	for file, text := range map[string]string{
		tokens: peerToken + ",admin,1,system:masters\n",
		kubeconfig: fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: bench, cluster: {server: %q, insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: %s}}]
contexts: [{name: bench, context: {cluster: bench, user: admin}}]
current-context: bench
`, serving, peerToken),
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	config := &rest.Config{Host: serving, BearerToken: peerToken, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	controllers := "*"
	if o.withoutKubelets {
		controllers = controllersWithoutKubelets
	}
	type program struct {
		name string
		args []string
	}
	programs := []program{
		{"etcd", []string{"--data-dir", filepath.Join(dir, "etcd"), "--unsafe-no-fsync", "--log-level", "error", "--quota-backend-bytes", "8589934592",
			"--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
			"--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer}},
		{"kube-apiserver", []string{"--etcd-servers", client, "--cert-dir", filepath.Join(dir, "certs"),
			"--bind-address", "127.0.0.1", "--secure-port", ports[2], "--service-cluster-ip-range", "10.96.0.0/12",
			"--service-account-issuer", serving + "/", "--service-account-key-file", key, "--service-account-signing-key-file", key,
			"--authorization-mode", "RBAC", "--allow-privileged", "--token-auth-file", tokens, bench.WithoutServiceAccounts,
			"--max-requests-inflight", "0", "--max-mutating-requests-inflight", "0", "--enable-priority-and-fairness=false"}},
		{"kube-controller-manager", []string{"--kubeconfig", kubeconfig, "--leader-elect=false", "--service-account-private-key-file", key,
			"--allocate-node-cidrs=false", "--kube-api-qps", peerQPS, "--kube-api-burst", peerQPS, "--secure-port", "0", "--controllers", controllers}},
		{"kube-scheduler", []string{"--kubeconfig", kubeconfig, "--leader-elect=false", "--kube-api-qps", peerQPS, "--kube-api-burst", peerQPS, "--secure-port", "0"}},
	}
	if !o.withoutKubelets {
		stages, err := filepath.Glob(filepath.Join(o.peer, "stages", "*.yaml"))
		if err != nil {
			return nil, err
		}
		args := []string{"--kubeconfig", kubeconfig, "--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake",
			"--node-lease-duration-seconds", "40", "--server-address", "127.0.0.1:" + ports[3]}
		for _, stage := range stages {
			args = append(args, "--config", stage)
		}
		programs = append(programs, program{"kwok", args})
	}
	for _, p := range programs {
		cmd := bench.Command(ctx, dir, filepath.Join(o.peer, p.name), p.args...)
		if err := c.start(cmd); err != nil {
			return nil, err
		}
		if p.name == "kube-apiserver" {
			if err := awaitReady(ctx, config); err != nil {
				return nil, fmt.Errorf("kube-apiserver: %w", err)
			}
		}
	}
	if err := c.connect(ctx, config); err != nil {
		return nil, err
	}
	c.makeNodes = func() error { return makeNodes(ctx, c.client, o.nodes) }
	return c, nil
}

func awaitReady(ctx context.Context, config *rest.Config) error {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		_, err := bench.Send(client, http.MethodGet, config.Host+"/readyz", nil, http.StatusOK)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
	}
}

// makeNodes makes nodes as kubecraft makes its own, for kwok to simulate.
func makeNodes(ctx context.Context, client kubernetes.Interface, n int) error {
	making, ctx := errgroup.WithContext(ctx)
	making.SetLimit(makers)
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}
	for i := range n {
		making.Go(func() error {
			name := fmt.Sprintf("node-%d", i)
			_, err := client.CoreV1().Nodes().Create(ctx, &corev1.Node{
				ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"}, Labels: map[string]string{
					corev1.LabelHostname: name, corev1.LabelTopologyZone: fmt.Sprintf("zone-%d", i%3), corev1.LabelTopologyRegion: "local",
					corev1.LabelArchStable: "amd64", corev1.LabelOSStable: "linux",
				}},
				Status: corev1.NodeStatus{Capacity: capacity, Allocatable: capacity},
			}, metav1.CreateOptions{})
			return err
		})
	}
	return making.Wait()
}
