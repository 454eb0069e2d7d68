package barkeeper

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	examplev1 "example.com/lessons/pkg/apis/example/v1"
)

const (
	// finalizer keeps a Bar that is deleted until what was made for it is gone.
	finalizer = "example/barkeeper"
	// managedBy is the label of what the controller makes.
	managedBy = "app.kubernetes.io/managed-by"
	// ready is the type of the condition: whether there is what the Bar asks for.
	ready = "Ready"
)

// reconcile makes true what the Bar of a key asks for: it compares what is with what should be, whatever has happened, and writes only what
// differs. It is called again after an error.
func (r *reconciler) reconcile(ctx context.Context, key cache.ObjectName) error {
	object, err := r.objects.Bars(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	object = object.DeepCopy()
	if object.DeletionTimestamp != nil {
		return r.finalize(ctx, object)
	}
	if !slices.Contains(object.Finalizers, finalizer) {
		object.Finalizers = append(object.Finalizers, finalizer)
		if object, err = r.client.ExampleV1().Bars(object.Namespace).Update(ctx, object, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	problem := r.ensureConfigMap(ctx, object)
	if apierrors.IsConflict(problem) { // with what another has just written
		return problem
	}
	if err := r.updateStatus(ctx, object, problem); err != nil {
		return err
	}
	return problem
}

// configMapFor is the ConfigMap that a Bar asks for.
func configMapFor(object *examplev1.Bar) (*corev1.ConfigMap, error) {
	spec, err := json.Marshal(object.Spec)
	if err != nil {
		return nil, err
	}
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       object.Namespace,
			Name:            object.Name + "-" + Name,
			Labels:          map[string]string{managedBy: Name},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(object, Kind)},
		},
		Data: map[string]string{"spec.json": string(spec)},
	}, nil
}

// ensureConfigMap creates or repairs the ConfigMap of a Bar.
func (r *reconciler) ensureConfigMap(ctx context.Context, object *examplev1.Bar) error {
	wanted, err := configMapFor(object)
	if err != nil {
		return err
	}
	configMaps := r.kubernetes.CoreV1().ConfigMaps(wanted.Namespace)
	found, err := r.configMaps.ConfigMaps(wanted.Namespace).Get(wanted.Name)
	if apierrors.IsNotFound(err) {
		_, err := configMaps.Create(ctx, wanted, metav1.CreateOptions{})
		if err == nil {
			r.events.Eventf(object, corev1.EventTypeNormal, "Created", "created ConfigMap %s", wanted.Name)
		}
		if !apierrors.IsAlreadyExists(err) {
			return err
		}
		// The cache has not seen it yet, or it has lost its label, or it is somebody else's.
		if found, err = configMaps.Get(ctx, wanted.Name, metav1.GetOptions{}); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if !metav1.IsControlledBy(found, object) {
		return fmt.Errorf("ConfigMap %s is there already, and is not of this Bar", wanted.Name)
	}
	if found.Labels[managedBy] == Name && apiequality.Semantic.DeepEqual(found.Data, wanted.Data) {
		return nil
	}
	repaired := found.DeepCopy()
	metav1.SetMetaDataLabel(&repaired.ObjectMeta, managedBy, Name)
	repaired.Data = wanted.Data
	if _, err := configMaps.Update(ctx, repaired, metav1.UpdateOptions{}); err != nil {
		return err
	}
	r.events.Eventf(object, corev1.EventTypeNormal, "Updated", "updated ConfigMap %s", wanted.Name)
	return nil
}

// updateStatus says how far the Bar is.
func (r *reconciler) updateStatus(ctx context.Context, object *examplev1.Bar, problem error) error {
	before := object.Status.DeepCopy()
	condition := metav1.Condition{Type: ready, Status: metav1.ConditionTrue, Reason: "Made", Message: "the ConfigMap is as it should be", ObservedGeneration: object.Generation}
	object.Status.Phase = "Ready"
	if problem != nil {
		condition.Status, condition.Reason, condition.Message = metav1.ConditionFalse, "Failed", problem.Error()
		object.Status.Phase = "Failed"
	}
	if meta.SetStatusCondition(&object.Status.Conditions, condition) && problem != nil {
		r.events.Eventf(object, corev1.EventTypeWarning, condition.Reason, "%v", problem)
	}
	object.Status.ObservedGeneration = object.Generation
	if apiequality.Semantic.DeepEqual(before, &object.Status) {
		return nil
	}
	_, err := r.client.ExampleV1().Bars(object.Namespace).UpdateStatus(ctx, object, metav1.UpdateOptions{})
	return err
}

// finalize removes what was made for a Bar that is deleted, and lets it go.
func (r *reconciler) finalize(ctx context.Context, object *examplev1.Bar) error {
	if !slices.Contains(object.Finalizers, finalizer) {
		return nil
	}
	made, err := configMapFor(object)
	if err != nil {
		return err
	}
	configMaps := r.kubernetes.CoreV1().ConfigMaps(made.Namespace)
	found, err := configMaps.Get(ctx, made.Name, metav1.GetOptions{})
	if err == nil && metav1.IsControlledBy(found, object) {
		err = configMaps.Delete(ctx, found.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(found.UID))})
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	object.Finalizers = slices.DeleteFunc(object.Finalizers, func(name string) bool { return name == finalizer })
	_, err = r.client.ExampleV1().Bars(object.Namespace).Update(ctx, object, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
