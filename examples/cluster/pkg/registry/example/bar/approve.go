package bar

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"example.com/demo/pkg/apis/example"
)

// ApproveREST serves bars/approve. It is read and written as the whole Bar, and a write changes status.phase and nothing
// else, as one to certificatesigningrequests/approval changes conditions: who may do that is told from who may write the rest by the
// resource bars/approve in RBAC.
type ApproveREST struct {
	store  *genericregistry.Store
	scheme *runtime.Scheme
}

var (
	_ rest.Patcher                   = &ApproveREST{}
	_ rest.ResetFieldsFilterStrategy = &ApproveREST{}
)

// NewApproveREST returns the subresource of what storage keeps.
func NewApproveREST(scheme *runtime.Scheme, storage *REST) *ApproveREST {
	store := *storage.Store
	store.UpdateStrategy = approveStrategy{newStrategy(scheme)}
	return &ApproveREST{store: &store, scheme: scheme}
}

// New returns an empty Bar, as which the subresource is written.
func (*ApproveREST) New() runtime.Object {
	return &example.Bar{}
}

// Destroy does nothing: REST owns what both share.
func (*ApproveREST) Destroy() {}

// Get returns the whole object.
func (r *ApproveREST) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	return r.store.Get(ctx, name, options)
}

// Update changes status.phase of an object, and never creates one.
func (r *ApproveREST) Update(ctx context.Context, name string, objInfo rest.UpdatedObjectInfo, createValidation rest.ValidateObjectFunc, updateValidation rest.ValidateObjectUpdateFunc, _ bool, options *metav1.UpdateOptions) (runtime.Object, bool, error) {
	return r.store.Update(ctx, name, objInfo, createValidation, updateValidation, false, options)
}

// GetResetFieldsFilter returns the fields that a write may change, and so own.
func (r *ApproveREST) GetResetFieldsFilter() map[fieldpath.APIVersion]fieldpath.Filter {
	filters := map[fieldpath.APIVersion]fieldpath.Filter{}
	for _, version := range r.scheme.PrioritizedVersionsForGroup(example.GroupName) {
		filters[fieldpath.APIVersion(version.String())] = fieldpath.NewIncludeMatcherFilter(fieldpath.MakePrefixMatcherOrDie("status", "phase"))
	}
	return filters
}

// ConvertToTable prints the object as REST does.
func (r *ApproveREST) ConvertToTable(ctx context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return r.store.ConvertToTable(ctx, object, options)
}

// approveStrategy is what is particular to writes to the subresource.
type approveStrategy struct {
	strategy
}

// PrepareForUpdate keeps all but status.phase as it was. What else the subresource is to do, it does here.
func (approveStrategy) PrepareForUpdate(_ context.Context, obj, old runtime.Object) {
	object, oldObject := obj.(*example.Bar), old.(*example.Bar)
	metav1.ResetObjectMetaForStatus(&object.ObjectMeta, &oldObject.ObjectMeta)
	wanted, metadata := object.Status.Phase, object.ObjectMeta
	oldObject.DeepCopyInto(object)
	object.Status.Phase, object.ObjectMeta = wanted, metadata
}
