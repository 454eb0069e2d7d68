package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// newBar returns an empty Bar, a type that is compiled into the project or defined in the server.
func newBar(group string) *unstructured.Unstructured {
	bar := &unstructured.Unstructured{}
	bar.SetAPIVersion(group + "/v1")
	bar.SetKind("Bar")
	return bar
}

// reconciler keeps a config map beside each Bar, with its description and with who has written it.
type reconciler struct {
	client.Client
	name, group string
}

func addReconciler(m ctrl.Manager, name, group string) error {
	return ctrl.NewControllerManagedBy(m).For(newBar(group)).Owns(&corev1.ConfigMap{}).Complete(&reconciler{m.GetClient(), name, group})
}

// Reconcile implements reconcile.Reconciler.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	bar := newBar(r.group)
	if err := r.Get(ctx, request.NamespacedName, bar); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	description, _, err := unstructured.NestedString(bar.Object, "spec", "description")
	if err != nil {
		return ctrl.Result{}, err
	}
	made := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: bar.GetNamespace(), Name: bar.GetName()}}
	_, err = controllerutil.CreateOrUpdate(ctx, r.Client, made, func() error {
		if made.Data["description"] != description {
			made.Data = map[string]string{"description": description, "by": r.name}
		}
		return controllerutil.SetControllerReference(bar, made, r.Scheme())
	})
	return ctrl.Result{}, err
}
