// Package testenv runs a control plane inside a Go test: an API server with its own certificates on a port of the loopback
// address, in the test's process and for as long as the test. It needs no binaries, no etcd and no cluster, and tests that run
// in parallel have one each.
//
//	func TestObjectsAreValidated(t *testing.T) {
//		t.Parallel()
//		env := testenv.Start(t, kubernetes.All())
//		client := clientset.NewForConfigOrDie(env.Config())
//		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
//		_, err := client.CoreV1().Pods("default").Create(t.Context(), pod, metav1.CreateOptions{})
//		if !apierrors.IsInvalid(err) {
//			t.Errorf("a pod without containers: %v", err)
//		}
//	}
//
// What is served is said by the same parts that a project's main.go lists: kubernetes.All() is the whole built-in API,
// apiserver.Groups() of a project its own types. A test compiles what it lists: with a project's own types alone, no
// Kubernetes.
//
// [Options] has what a test may want beside that: definitions of custom resources and configurations of webhooks from the
// files that a project keeps them in, feature gates, a store on disk.
//
//	env := testenv.Options{
//		CRDs:     []string{"config/crd"},
//		Webhooks: []string{"config/webhook"},
//	}.Start(t, kubernetes.All())
//
// [Env.Config] is the administrator's. [Env.User] is somebody else's, whom roles and authorizers decide about:
//
//	alice := clientset.NewForConfigOrDie(env.User("alice", "developers"))
//
// A webhook server that the test runs listens where [Env.Webhooks] says, with the certificate that is there; the configurations name
// it. That of a manager of controller-runtime's:
//
//	hooks := env.Webhooks()
//	manager, err := ctrl.NewManager(env.Config(), ctrl.Options{
//		Logger:        logr.Discard(),
//		Metrics:       metricsserver.Options{BindAddress: "0"},
//		WebhookServer: webhook.NewServer(webhook.Options{Host: hooks.Host, Port: hooks.Port, CertDir: hooks.CertDir}),
//	})
//
// All of this is from examples/testenv, a module of tests that run: of code on client-go, and of a controller and a webhook on
// controller-runtime.
//
// # A cluster
//
// With controllers.All(), scheduler.Default() and kubelet.Simulated() beside kubernetes.All(), pods are scheduled and run, on
// simulated nodes. When Start returns the nodes are there, without the taint that new ones have, and the schedulers know of them: a pod that
// is made then has all to choose from. [Env.Decision] is what the scheduler has decided about one, with its scores and reasons.
//
// # Log
//
// What the API machinery logs through klog is left out, and lines of everybody else go to stderr, unless the test has set a
// logger of its own with klog.SetLogger before the first start.
//
// # What a stop leaves behind
//
// When the test ends the server stops, with its port, files and goroutines. With the built-in API one goroutine of upstream's stays,
// for all servers of the process: it flushes the log that /healthz looks at, k8s.io/apiserver/pkg/server/healthz.(*log).Check.
// Controllers, scheduler and kubelet leave none. The tests of runtime/kubernetes see that many starts leave no more than that, those
// of examples/testenv that clusters do not.
package testenv
