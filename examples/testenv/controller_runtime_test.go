package testenv_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// A controller makes a config map for each Cron, and a webhook refuses those without a schedule.
func TestCrons(t *testing.T) {
	t.Parallel()
	env := testenv.Options{
		CRDs:     []string{"config/crd"},
		Webhooks: []string{"config/webhook"},
	}.Start(t, kubernetes.All())
	hooks := env.Webhooks()
	manager, err := ctrl.NewManager(env.Config(), ctrl.Options{
		Logger:        logr.Discard(),
		Metrics:       metricsserver.Options{BindAddress: "0"},
		WebhookServer: webhook.NewServer(webhook.Options{Host: hooks.Host, Port: hooks.Port, CertDir: hooks.CertDir}),
	})
	if err != nil {
		t.Fatal(err)
	}
	crons := &cronReconciler{manager.GetClient()}
	if err := ctrl.NewControllerManagedBy(manager).For(newCron("")).Owns(&corev1.ConfigMap{}).Complete(crons); err != nil {
		t.Fatal(err)
	}
	manager.GetWebhookServer().Register("/validate-crons", admission.WithValidator[*unstructured.Unstructured](manager.GetScheme(), cronValidator{}))
	run(t, manager)

	c := manager.GetClient()
	eventually(t, "a Cron without a schedule is refused", func() bool {
		err := c.Create(t.Context(), newCron("bad"), client.DryRunAll)
		return err != nil && strings.Contains(err.Error(), "a Cron needs a schedule")
	})
	cron := newCron("good")
	cron.Object["spec"] = map[string]any{"schedule": "* * * * *"}
	if err := c.Create(t.Context(), cron); err != nil {
		t.Fatal(err)
	}
	made := &corev1.ConfigMap{}
	eventually(t, "the controller makes a config map", func() bool {
		return c.Get(t.Context(), client.ObjectKeyFromObject(cron), made) == nil
	})
	if owner := metav1.GetControllerOf(made); owner == nil || owner.UID != cron.GetUID() {
		t.Errorf("it is not the Cron's: %v", owner)
	}
}

func newCron(name string) *unstructured.Unstructured {
	cron := &unstructured.Unstructured{}
	cron.SetAPIVersion("example.com/v1")
	cron.SetKind("Cron")
	cron.SetNamespace("default")
	cron.SetName(name)
	return cron
}

type cronReconciler struct{ client.Client }

// Reconcile implements reconcile.Reconciler.
func (r *cronReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	cron := newCron("")
	if err := r.Get(ctx, request.NamespacedName, cron); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	made := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: cron.GetNamespace(), Name: cron.GetName()}}
	if err := ctrl.SetControllerReference(cron, made, r.Scheme()); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, client.IgnoreAlreadyExists(r.Create(ctx, made))
}

type cronValidator struct{}

// ValidateCreate implements admission.Validator.
func (cronValidator) ValidateCreate(_ context.Context, cron *unstructured.Unstructured) (admission.Warnings, error) {
	if schedule, _, _ := unstructured.NestedString(cron.Object, "spec", "schedule"); schedule == "" {
		return nil, errors.New("a Cron needs a schedule")
	}
	return nil, nil
}

// ValidateUpdate implements admission.Validator.
func (v cronValidator) ValidateUpdate(ctx context.Context, _, cron *unstructured.Unstructured) (admission.Warnings, error) {
	return v.ValidateCreate(ctx, cron)
}

// ValidateDelete implements admission.Validator.
func (cronValidator) ValidateDelete(context.Context, *unstructured.Unstructured) (admission.Warnings, error) {
	return nil, nil
}

// run runs a manager until the test ends, and before its server does.
func run(t *testing.T, manager ctrl.Manager) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the manager: %v", err)
		}
	})
}

// eventually asks until the answer is yes.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for begin := time.Now(); !ask(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}
