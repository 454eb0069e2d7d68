package pods

import (
	"context"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	policyclient "k8s.io/client-go/kubernetes/typed/policy/v1"
)

// ifServed are the budgets that an eviction must keep to: none, on a server that has no such resource.
type ifServed struct {
	policyclient.PodDisruptionBudgetsGetter
}

// PodDisruptionBudgets implements policyclient.PodDisruptionBudgetsGetter.
func (s ifServed) PodDisruptionBudgets(namespace string) policyclient.PodDisruptionBudgetInterface {
	return budgets{s.PodDisruptionBudgetsGetter.PodDisruptionBudgets(namespace)}
}

type budgets struct {
	policyclient.PodDisruptionBudgetInterface
}

// List implements policyclient.PodDisruptionBudgetInterface.
func (b budgets) List(ctx context.Context, options metav1.ListOptions) (*policyv1.PodDisruptionBudgetList, error) {
	list, err := b.PodDisruptionBudgetInterface.List(ctx, options)
	if apierrors.IsNotFound(err) {
		return &policyv1.PodDisruptionBudgetList{}, nil
	}
	return list, err
}
