package registry

import (
	"context"
	"fmt"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/request"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// ScaleAccessor says where a kind keeps what its scale subresource shows and sets. The replicas asked for are
// spec.replicas in every version.
type ScaleAccessor struct {
	// Get returns the replicas asked for, those there are, and the selector of their pods in its string form.
	Get func(obj runtime.Object) (spec, status int32, selector string, err error)
	// Set changes the replicas asked for.
	Set func(obj runtime.Object, replicas int32) error
}

// ScaleREST serves the scale subresource as autoscaling/v1 Scale, which kubectl scale and autoscalers use. It follows
// ScaleREST of k8s.io/kubernetes/pkg/registry/apps/deployment/storage.
type ScaleREST struct {
	store    *genericregistry.Store
	accessor ScaleAccessor
}

var (
	_ rest.Patcher                  = &ScaleREST{}
	_ rest.GroupVersionKindProvider = &ScaleREST{}
)

// NewScaleREST returns the scale subresource of what store keeps.
func NewScaleREST(store *genericregistry.Store, accessor ScaleAccessor) *ScaleREST {
	return &ScaleREST{store: store, accessor: accessor}
}

// GroupVersionKind tells the server that the subresource is of another group than the resource.
func (*ScaleREST) GroupVersionKind(schema.GroupVersion) schema.GroupVersionKind {
	return autoscalingv1.SchemeGroupVersion.WithKind("Scale")
}

// New returns an empty Scale.
func (*ScaleREST) New() runtime.Object { return &autoscalingv1.Scale{} }

// Destroy does nothing: the resource's storage is the owner.
func (*ScaleREST) Destroy() {}

// Get returns the scale of an object.
func (r *ScaleREST) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	object, err := r.store.Get(ctx, name, options)
	if err != nil {
		return nil, err
	}
	return r.scale(object)
}

// Update sets the replicas asked for.
func (r *ScaleREST) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, createValidation rest.ValidateObjectFunc, updateValidation rest.ValidateObjectUpdateFunc, _ bool, options *metav1.UpdateOptions) (runtime.Object, bool, error) {
	object, _, err := r.store.Update(ctx, name, &scaleUpdate{info, r},
		func(ctx context.Context, object runtime.Object) error {
			scale, err := r.scale(object)
			if err != nil {
				return err
			}
			return createValidation(ctx, scale)
		},
		func(ctx context.Context, object, old runtime.Object) error {
			scale, err := r.scale(object)
			if err != nil {
				return err
			}
			oldScale, err := r.scale(old)
			if err != nil {
				return err
			}
			return updateValidation(ctx, scale, oldScale)
		}, false, options)
	if err != nil {
		return nil, false, err
	}
	scale, err := r.scale(object)
	return scale, false, err
}

// ConvertToTable prints a scale's name and age.
func (r *ScaleREST) ConvertToTable(ctx context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return rest.NewDefaultTableConvertor(r.store.DefaultQualifiedResource).ConvertToTable(ctx, object, options)
}

func (r *ScaleREST) scale(object runtime.Object) (*autoscalingv1.Scale, error) {
	m, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	spec, status, selector, err := r.accessor.Get(object)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	return &autoscalingv1.Scale{
		TypeMeta: metav1.TypeMeta{APIVersion: autoscalingv1.SchemeGroupVersion.String(), Kind: "Scale"},
		ObjectMeta: metav1.ObjectMeta{
			Name: m.GetName(), Namespace: m.GetNamespace(), UID: m.GetUID(),
			ResourceVersion: m.GetResourceVersion(), CreationTimestamp: m.GetCreationTimestamp(),
		},
		Spec:   autoscalingv1.ScaleSpec{Replicas: spec},
		Status: autoscalingv1.ScaleStatus{Replicas: status, Selector: selector},
	}, nil
}

// scaleUpdate turns a change of the scale into one of the object.
type scaleUpdate struct {
	info rest.UpdatedObjectInfo
	rest *ScaleREST
}

func (u *scaleUpdate) Preconditions() *metav1.Preconditions { return u.info.Preconditions() }

func (u *scaleUpdate) UpdatedObject(ctx context.Context, old runtime.Object) (runtime.Object, error) {
	object := old.DeepCopyObject()
	m, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	scale, err := u.rest.scale(object)
	if err != nil {
		return nil, err
	}
	// Who owns spec.replicas of the scale owns it in the object, and the other way round.
	info, ok := request.RequestInfoFrom(ctx)
	if !ok {
		return nil, apierrors.NewInternalError(fmt.Errorf("no request info for the scale of %s", m.GetName()))
	}
	version := schema.GroupVersion{Group: info.APIGroup, Version: info.APIVersion}
	paths := managedfields.ResourcePathMappings{version.String(): fieldpath.MakePathOrDie("spec", "replicas")}
	for _, entry := range m.GetManagedFields() {
		paths[entry.APIVersion] = fieldpath.MakePathOrDie("spec", "replicas")
	}
	owners := managedfields.NewScaleHandler(m.GetManagedFields(), version, paths)
	if scale.ManagedFields, err = owners.ToSubresource(); err != nil {
		return nil, err
	}

	changed, err := u.info.UpdatedObject(ctx, scale)
	if err != nil {
		return nil, err
	}
	wanted, ok := changed.(*autoscalingv1.Scale)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("expected a Scale, got a %T", changed))
	}
	if wanted.UID != "" && wanted.UID != m.GetUID() {
		return nil, apierrors.NewConflict(u.rest.store.DefaultQualifiedResource, m.GetName(),
			fmt.Errorf("the scale is of an object with UID %s, this one has %s", wanted.UID, m.GetUID()))
	}
	if wanted.Spec.Replicas < 0 {
		return nil, apierrors.NewInvalid(autoscalingv1.SchemeGroupVersion.WithKind("Scale").GroupKind(), wanted.Name, field.ErrorList{
			field.Invalid(field.NewPath("spec", "replicas"), wanted.Spec.Replicas, "must be greater than or equal to 0"),
		})
	}
	if err := u.rest.accessor.Set(object, wanted.Spec.Replicas); err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	if wanted.ResourceVersion != "" {
		m.SetResourceVersion(wanted.ResourceVersion)
	}
	entries, err := owners.ToParent(wanted.ManagedFields)
	if err != nil {
		return nil, err
	}
	m.SetManagedFields(entries)
	return object, nil
}
