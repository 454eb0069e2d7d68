package departures

import (
	"context"
	"errors"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"
	schedulingv1 "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/pkg/controlplane/controller/defaultservicecidr"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

// bootstrapWorkers is how many objects are written at a time.
const bootstrapWorkers = 16

// Bootstrap is what a new cluster starts with, beside what upstream's own controllers write at once.
type Bootstrap struct {
	Client clientset.Interface
	// Namespaces are those of the system.
	Namespaces []string
	// ServiceRanges are the CIDRs of services' addresses, one or two.
	ServiceRanges []string
	// RBAC says whether roles mean anything here.
	RBAC bool
}

// Write creates what is missing of a new cluster: in a store with a namespace kube-system, nothing. Upstream's post start
// hooks see to the same objects, and to those of a newer version, but wait a second first (storage_rbac.go:166,
// storage_scheduling.go:176 below k8s.io/kubernetes/pkg/registry) or poll
// (pkg/controlplane/controller/defaultservicecidr:124); see Hooks.
func (b *Bootstrap) Write(ctx context.Context) error {
	_, err := b.Client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		return err
	}
	w := &writes{ctx: ctx, slots: make(chan struct{}, bootstrapWorkers)}
	b.writeClusterScoped(w)
	if err := w.wait(); err != nil {
		return err
	}
	// A start that did not get to its end begins here the next time: what is there by then stays.
	for _, name := range b.Namespaces {
		create(w, b.Client.CoreV1().Namespaces().Create, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	if err := w.wait(); err != nil || !b.RBAC {
		return err
	}
	b.writeRoles(w)
	return w.wait()
}

func (b *Bootstrap) writeClusterScoped(w *writes) {
	create(w, b.Client.NetworkingV1().ServiceCIDRs().Create, &networkingv1.ServiceCIDR{
		ObjectMeta: metav1.ObjectMeta{Name: defaultservicecidr.DefaultServiceCIDRName},
		Spec:       networkingv1.ServiceCIDRSpec{CIDRs: b.ServiceRanges},
	})
	for _, class := range schedulingv1.SystemPriorityClasses() {
		create(w, b.Client.SchedulingV1().PriorityClasses().Create, class)
	}
	if !b.RBAC {
		return
	}
	rbac := b.Client.RbacV1()
	for _, roles := range [][]rbacv1.ClusterRole{bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()} {
		for i := range roles {
			create(w, rbac.ClusterRoles().Create, &roles[i])
		}
	}
	for _, bindings := range [][]rbacv1.ClusterRoleBinding{bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()} {
		for i := range bindings {
			create(w, rbac.ClusterRoleBindings().Create, &bindings[i])
		}
	}
}

// writeRoles writes what lies in namespaces.
func (b *Bootstrap) writeRoles(w *writes) {
	rbac := b.Client.RbacV1()
	for namespace, roles := range bootstrappolicy.NamespaceRoles() {
		for i := range roles {
			create(w, rbac.Roles(namespace).Create, &roles[i])
		}
	}
	for namespace, bindings := range bootstrappolicy.NamespaceRoleBindings() {
		for i := range bindings {
			create(w, rbac.RoleBindings(namespace).Create, &bindings[i])
		}
	}
}

// writes are requests that run beside each other.
type writes struct {
	ctx     context.Context
	slots   chan struct{}
	running sync.WaitGroup

	mu   sync.Mutex
	errs []error
}

// create creates an object that may be there.
func create[T metav1.Object](w *writes, call func(context.Context, T, metav1.CreateOptions) (T, error), object T) {
	w.slots <- struct{}{}
	w.running.Go(func() {
		defer func() { <-w.slots }()
		if _, err := call(w.ctx, object, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.errs = append(w.errs, fmt.Errorf("bootstrap of %T %s: %w", object, object.GetName(), err))
		}
	})
}

// wait returns the errors of all that were begun.
func (w *writes) wait() error {
	w.running.Wait()
	return errors.Join(w.errs...)
}
