package kubelet

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
)

// object is what stages are played on: a Pod, a Node, or an Unstructured of any other kind.
type object interface {
	metav1.Object
	runtime.Object
}

func newEvent(o object) *lifecycle.Event {
	return &lifecycle.Event{Labels: o.GetLabels(), Annotations: o.GetAnnotations(), Data: o}
}

// versionOf returns an object's resource version, which grows with each write.
func versionOf(o object) uint64 {
	version, _ := strconv.ParseUint(o.GetResourceVersion(), 10, 64)
	return version
}

// writer writes objects of one kind.
type writer interface {
	// patch returns the object as it is after a patch, or nil if the patch changes nothing.
	patch(ctx context.Context, o object, patch *lifecycle.Patch) (object, error)
	// delete deletes an object at once.
	delete(ctx context.Context, o object) error
}

// podWriter and nodeWriter make a patch themselves and update the object, which is half the work of a server's patch.
type podWriter struct{ untyped }

type nodeWriter struct{ untyped }

func (w podWriter) patch(ctx context.Context, o object, patch *lifecycle.Patch) (object, error) {
	pods := w.client.CoreV1().Pods(o.GetNamespace())
	return patchTyped(ctx, o.(*corev1.Pod), patch, w.untyped, pods.Update, pods.UpdateStatus)
}

func (w nodeWriter) patch(ctx context.Context, o object, patch *lifecycle.Patch) (object, error) {
	nodes := w.client.CoreV1().Nodes()
	return patchTyped(ctx, o.(*corev1.Node), patch, w.untyped, nodes.Update, nodes.UpdateStatus)
}

type update[T any] func(context.Context, *T, metav1.UpdateOptions) (*T, error)

// typed is a pointer to a T that is an object.
type typed[T any] interface {
	*T
	object
}

// patchTyped patches an object, which is not changed, and updates it if nobody else has in between; otherwise the server patches it.
func patchTyped[T any, P typed[T]](ctx context.Context, o P, patch *lifecycle.Patch, server untyped, whole, status update[T]) (object, error) {
	update := whole
	switch {
	case patch.Subresource == "status":
		update = status
	case patch.Subresource != "":
		update = nil
	}
	if update == nil || patch.Impersonation != nil || patch.Type != types.StrategicMergePatchType {
		return back[T, P](server.patch(ctx, o, patch))
	}
	before, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	after, err := strategicpatch.StrategicMergePatch(before, patch.Data, new(T))
	if err != nil {
		return nil, err
	}
	changed := new(T)
	if err := json.Unmarshal(after, changed); err != nil {
		return nil, err
	}
	if equality.Semantic.DeepEqual((*T)(o), changed) {
		return nil, nil
	}
	written, err := update(ctx, changed, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) {
		return back[T, P](server.patch(ctx, o, patch))
	}
	if err != nil {
		return nil, err
	}
	return P(written), nil
}

// back turns what the server has answered into the type of the object that was patched.
func back[T any, P typed[T]](answer object, err error) (object, error) {
	if err != nil || answer == nil {
		return nil, err
	}
	t := new(T)
	err = runtime.DefaultUnstructuredConverter.FromUnstructured(answer.(*unstructured.Unstructured).Object, t)
	return P(t), err
}

// untyped lets the server patch and delete objects of any kind.
type untyped struct {
	config   *rest.Config
	client   kubernetes.Interface
	dynamic  dynamic.Interface
	resource schema.GroupVersionResource
}

func (w untyped) objects(namespace, as string) (dynamic.ResourceInterface, error) {
	client := w.dynamic
	if as != "" {
		config := rest.CopyConfig(w.config)
		config.Impersonate = rest.ImpersonationConfig{UserName: as}
		var err error
		if client, err = dynamic.NewForConfig(config); err != nil {
			return nil, err
		}
	}
	if namespace == "" {
		return client.Resource(w.resource), nil
	}
	return client.Resource(w.resource).Namespace(namespace), nil
}

func (w untyped) patch(ctx context.Context, o object, patch *lifecycle.Patch) (object, error) {
	as := ""
	if patch.Impersonation != nil {
		as = patch.Impersonation.Username
	}
	objects, err := w.objects(o.GetNamespace(), as)
	if err != nil {
		return nil, err
	}
	var subresources []string
	if patch.Subresource != "" {
		subresources = append(subresources, patch.Subresource)
	}
	of := cmp.Or(patch.Type, types.MergePatchType)
	data, err := onlyFor(o.GetUID(), of, patch.Data)
	if err != nil {
		return nil, err
	}
	answer, err := objects.Patch(ctx, o.GetName(), of, data, metav1.PatchOptions{}, subresources...)
	if err != nil {
		return nil, err
	}
	if answer.GetResourceVersion() == o.GetResourceVersion() {
		return nil, nil
	}
	return answer, nil
}

// onlyFor makes a patch hold for the object that it was made for: one of the same name may have taken its place.
func onlyFor(uid types.UID, of types.PatchType, data []byte) ([]byte, error) {
	if of == types.JSONPatchType {
		var operations []any
		if err := json.Unmarshal(data, &operations); err != nil {
			return nil, fmt.Errorf("patch: %w", err)
		}
		return json.Marshal(append([]any{map[string]any{"op": "test", "path": "/metadata/uid", "value": uid}}, operations...))
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("patch: %w", err)
	}
	metadata, ok := fields["metadata"].(map[string]any)
	if !ok {
		metadata = map[string]any{}
	}
	metadata["uid"] = uid
	if fields == nil {
		fields = map[string]any{}
	}
	fields["metadata"] = metadata
	return json.Marshal(fields)
}

func (w untyped) delete(ctx context.Context, o object) error {
	objects, err := w.objects(o.GetNamespace(), "")
	if err != nil {
		return err
	}
	now, uid := int64(0), o.GetUID()
	err = objects.Delete(ctx, o.GetName(), metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &uid}})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// delete is by the typed client, which needs no answer to be read.
func (w podWriter) delete(ctx context.Context, o object) error {
	now, uid := int64(0), o.GetUID()
	err := w.client.CoreV1().Pods(o.GetNamespace()).Delete(ctx, o.GetName(), metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &uid}})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// key is an object's name in its kind's informer.
func key(o metav1.Object) string {
	if o.GetNamespace() == "" {
		return o.GetName()
	}
	return fmt.Sprintf("%s/%s", o.GetNamespace(), o.GetName())
}
