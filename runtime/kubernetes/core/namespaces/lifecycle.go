package namespaces

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/klog/v2"
	namespacecontroller "k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controlplane/controller/systemnamespaces"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

const (
	// informerResync and resync are kube-controller-manager's, workers its default.
	informerResync = 12 * time.Hour
	resync         = 5 * time.Minute
	workers        = 10
)

// system are the namespaces that every cluster has (k8s.io/kubernetes/pkg/controlplane/apiserver/options).
func system() []string {
	return []string{metav1.NamespaceSystem, metav1.NamespacePublic, corev1.NamespaceNodeLease, metav1.NamespaceDefault}
}

// configure adds what makes namespaces exist: upstream's admission plugin, which lets nothing into those that are not
// there or that end; the controller that empties those; and the system's namespaces.
func configure(c apiserver.Configuration) error {
	client, err := clientset.NewForConfig(c.Loopback())
	if err != nil {
		return err
	}
	objects, err := metadata.NewForConfig(c.Loopback())
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(client, informerResync)
	// As in lifecycle.Register, which kube-apiserver has.
	plugin, err := lifecycle.NewLifecycle(sets.New(metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic))
	if err != nil {
		return err
	}
	plugin.SetExternalKubeInformerFactory(shared)
	plugin.SetExternalKubeClientSet(client)
	c.AddAdmission(plugin)
	return c.AddPostStartHook("start-namespaces", func(hook context.Context) error {
		// The server is ready when they are there. What fails here the controller that keeps them tries again, each minute:
		// upstream ends the process when a hook fails (k8s.io/apiserver/pkg/server/hooks.go).
		for _, name := range system() {
			if err := create(hook, client, name); err != nil {
				klog.ErrorS(err, "a namespace of the system is not there yet")
			}
		}
		namespaces := shared.Core().V1().Namespaces()
		keep := systemnamespaces.NewController(system(), client, namespaces)
		empty := namespacecontroller.NewNamespaceController(hook, client, objects, client.Discovery().ServerPreferredNamespacedResources,
			namespaces, resync, corev1.FinalizerKubernetes)
		shared.Start(hook.Done())
		go keep.Run(hook.Done())
		go empty.Run(hook, workers)
		return nil
	})
}

func create(ctx context.Context, client clientset.Interface, name string) error {
	_, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("namespace %s: %w", name, err)
	}
	return nil
}
