package fischer

import (
	"context"
	"fmt"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/names"

	"example.com/wardle/pkg/apis/wardle"
)

// strategy is what is particular to Fischer objects when they are created, updated and deleted. Declarative validation (the
// +k8s: tags of the fields) is part of it; what tags cannot say goes into Validate and ValidateUpdate.
type strategy struct {
	rest.DeclarativeValidation
	names.NameGenerator
}

func newStrategy(scheme *runtime.Scheme) strategy {
	return strategy{rest.DeclarativeValidation{Scheme: scheme}, names.SimpleNameGenerator}
}

// NamespaceScoped says whether Fischer objects live in namespaces.
func (strategy) NamespaceScoped() bool {
	return false
}

// PrepareForCreate sets what clients do not decide.
func (strategy) PrepareForCreate(_ context.Context, obj runtime.Object) {
	object := obj.(*wardle.Fischer)
	object.Generation = 1
}

// PrepareForUpdate counts changes of anything but metadata in metadata.generation.
func (strategy) PrepareForUpdate(_ context.Context, obj, old runtime.Object) {
	object, oldObject := obj.(*wardle.Fischer), old.(*wardle.Fischer)
	unchanged := *oldObject
	unchanged.TypeMeta, unchanged.ObjectMeta = object.TypeMeta, object.ObjectMeta
	if !apiequality.Semantic.DeepEqual(object, &unchanged) {
		object.Generation = oldObject.Generation + 1
	}
}

// Validate returns what is wrong with a new object.
func (strategy) Validate(_ context.Context, obj runtime.Object) field.ErrorList {
	object := obj.(*wardle.Fischer)
	return validation.ValidateObjectMeta(&object.ObjectMeta, false, validation.NameIsDNSSubdomain, field.NewPath("metadata"))
}

// ValidateUpdate returns what is wrong with a change. Metadata has been checked before.
func (strategy) ValidateUpdate(_ context.Context, obj, old runtime.Object) field.ErrorList {
	return nil
}

// WarningsOnCreate returns lines that the client shows; the object is accepted.
func (strategy) WarningsOnCreate(_ context.Context, obj runtime.Object) []string {
	return nil
}

// WarningsOnUpdate returns lines that the client shows; the change is accepted.
func (strategy) WarningsOnUpdate(_ context.Context, obj, old runtime.Object) []string {
	return nil
}

// Canonicalize brings a valid object into the form in which it is stored.
func (strategy) Canonicalize(runtime.Object) {}

// AllowCreateOnUpdate says that PUT does not create: POST and server-side apply do.
func (strategy) AllowCreateOnUpdate(context.Context) bool {
	return false
}

// AllowUnconditionalUpdate says that an update without a resource version overwrites whatever is there.
func (strategy) AllowUnconditionalUpdate(context.Context) bool {
	return true
}

// MatchFischer selects objects by label and field, for lists and watches.
func MatchFischer(label labels.Selector, field fields.Selector) storage.SelectionPredicate {
	return storage.SelectionPredicate{Label: label, Field: field, GetAttrs: GetAttrs}
}

// GetAttrs returns the labels and fields by which an object can be selected.
func GetAttrs(obj runtime.Object) (labels.Set, fields.Set, error) {
	object, ok := obj.(*wardle.Fischer)
	if !ok {
		return nil, nil, fmt.Errorf("not a Fischer: %T", obj)
	}
	return object.Labels, SelectableFields(object), nil
}

// SelectableFields returns the fields that a field selector can name. One that is added here needs a field label
// conversion in every version (scheme.AddFieldLabelConversionFunc).
func SelectableFields(object *wardle.Fischer) fields.Set {
	return generic.ObjectMetaFieldsSet(&object.ObjectMeta, false)
}
