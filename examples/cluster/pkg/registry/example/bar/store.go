// Package bar stores Bar objects: how they are created, changed, deleted, listed and printed.
package bar

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/kubecraft/kubecraft/runtime/registry"

	"example.com/demo/pkg/apis/example"
	examplev1 "example.com/demo/pkg/apis/example/v1"
)

// Storage is what the server serves for Bar objects: the resource and its subresources.
type Storage struct {
	Bar    *REST
	Status *StatusREST
	Scale  *registry.ScaleREST
}

// NewStorage returns the storage of Bar objects, which all versions share.
func NewStorage(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (*Storage, error) {
	strategy := newStrategy(scheme)
	store := &genericregistry.Store{
		NewFunc:                   func() runtime.Object { return &example.Bar{} },
		NewListFunc:               func() runtime.Object { return &example.BarList{} },
		PredicateFunc:             MatchBar,
		DefaultQualifiedResource:  example.Resource("bars"),
		SingularQualifiedResource: example.Resource("bar"),

		CreateStrategy:      strategy,
		UpdateStrategy:      strategy,
		DeleteStrategy:      strategy,
		ResetFieldsStrategy: strategy,

		TableConvertor: registry.NewTableConvertor(scheme, example.Resource("bars"), printColumns()),
	}

	// Objects are written to storage in this version, whichever version a client used. Before removing a version, or
	// fields of it, have every object rewritten in the one that stays.
	getter = registry.StorageVersion(getter, scheme, examplev1.SchemeGroupVersion)

	options := &generic.StoreOptions{RESTOptions: getter, AttrFunc: GetAttrs}
	if err := store.CompleteWithOptions(options); err != nil {
		return nil, err
	}

	// Same data, other rules.
	statusStore := *store
	statusStore.UpdateStrategy = statusStrategy{strategy}
	statusStore.ResetFieldsStrategy = statusStrategy{strategy}

	return &Storage{
		Bar:    &REST{store},
		Status: &StatusREST{&statusStore},
		Scale:  registry.NewScaleREST(store, scale()),
	}, nil
}

// REST serves Bar objects.
type REST struct {
	*genericregistry.Store
}

var _ rest.ShortNamesProvider = &REST{}

// ShortNames are what kubectl takes in place of bars.
func (*REST) ShortNames() []string {
	return []string{"br"}
}

// StatusREST serves the status subresource.
type StatusREST struct {
	store *genericregistry.Store
}

var _ rest.Patcher = &StatusREST{}

// New returns an empty Bar: the subresource is written as the whole object, of which only the status counts.
func (*StatusREST) New() runtime.Object {
	return &example.Bar{}
}

// Destroy does nothing: REST owns what both share.
func (*StatusREST) Destroy() {}

// Get returns the whole object.
func (r *StatusREST) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	return r.store.Get(ctx, name, options)
}

// Update changes the status of an object, and never creates one.
func (r *StatusREST) Update(ctx context.Context, name string, objInfo rest.UpdatedObjectInfo, createValidation rest.ValidateObjectFunc, updateValidation rest.ValidateObjectUpdateFunc, _ bool, options *metav1.UpdateOptions) (runtime.Object, bool, error) {
	return r.store.Update(ctx, name, objInfo, createValidation, updateValidation, false, options)
}

// GetResetFields returns the fields that a write to the status leaves as they were.
func (r *StatusREST) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return r.store.GetResetFields()
}

// ConvertToTable prints the object as REST does.
func (r *StatusREST) ConvertToTable(ctx context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return r.store.ConvertToTable(ctx, object, options)
}
