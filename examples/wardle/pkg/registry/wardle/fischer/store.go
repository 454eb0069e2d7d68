// Package fischer stores Fischer objects: how they are created, changed, deleted, listed and printed.
package fischer

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"

	"github.com/kubecraft/kubecraft/runtime/registry"

	"example.com/wardle/pkg/apis/wardle"
	wardlev1alpha1 "example.com/wardle/pkg/apis/wardle/v1alpha1"
)

// Storage is what the server serves for Fischer objects: the resource and its subresources.
type Storage struct {
	Fischer *REST
}

// NewStorage returns the storage of Fischer objects, which all versions share.
func NewStorage(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (*Storage, error) {
	strategy := newStrategy(scheme)
	store := &genericregistry.Store{
		NewFunc:                   func() runtime.Object { return &wardle.Fischer{} },
		NewListFunc:               func() runtime.Object { return &wardle.FischerList{} },
		PredicateFunc:             MatchFischer,
		DefaultQualifiedResource:  wardle.Resource("fischers"),
		SingularQualifiedResource: wardle.Resource("fischer"),

		CreateStrategy: strategy,
		UpdateStrategy: strategy,
		DeleteStrategy: strategy,

		TableConvertor: registry.NewTableConvertor(scheme, wardle.Resource("fischers"), printColumns()),
	}

	// Objects are written to storage in this version, whichever version a client used. Before removing a version, or
	// fields of it, have every object rewritten in the one that stays.
	getter = registry.StorageVersion(getter, scheme, wardlev1alpha1.SchemeGroupVersion)

	options := &generic.StoreOptions{RESTOptions: getter, AttrFunc: GetAttrs}
	if err := store.CompleteWithOptions(options); err != nil {
		return nil, err
	}

	return &Storage{
		Fischer: &REST{store},
	}, nil
}

// REST serves Fischer objects.
type REST struct {
	*genericregistry.Store
}
