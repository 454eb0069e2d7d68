// Command manager is a controller-runtime manager as operators run them: it keeps a config map for each Bar, sets
// defaults and refuses objects by webhooks, and elects a leader. Scripts run it against a served project.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

func main() {
	// The flag --kubeconfig is controller-runtime's.
	name := flag.String("name", "manager", "what this manager writes into what it makes")
	namespace := flag.String("namespace", "default", "the namespace that it works in")
	group := flag.String("group", "example", "the API group of Bars")
	flag.Parse()
	ctrl.SetLogger(logr.Discard()) // what is wrong is returned
	if err := run(ctrl.SetupSignalHandler(), *name, *namespace, *group); err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name, namespace, group string) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	certs, ca, err := newServingCert()
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Cache:                         cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
		Metrics:                       metricsserver.Options{BindAddress: "0"},
		WebhookServer:                 webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: port, TLSOpts: certs}),
		LeaderElection:                true,
		LeaderElectionID:              "manager",
		LeaderElectionNamespace:       namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	if err := addReconciler(manager, name, group); err != nil {
		return err
	}
	if err := addWebhooks(manager, registration{namespace: namespace, group: group, url: fmt.Sprintf("https://127.0.0.1:%d", port), ca: ca}); err != nil {
		return err
	}
	return manager.Start(ctx)
}

// freePort returns a port of the loopback interface that nobody listens on: the webhook server takes 0 for 9443.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
