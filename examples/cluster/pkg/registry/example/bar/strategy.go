package bar

import (
	"context"
	"fmt"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/names"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"example.com/demo/pkg/apis/example"
)

// strategy is what is particular to Bar objects when they are created, updated and deleted. Declarative validation (the
// +k8s: tags of the fields) is part of it; what tags cannot say goes into Validate and ValidateUpdate.
type strategy struct {
	rest.DeclarativeValidation
	names.NameGenerator
}

func newStrategy(scheme *runtime.Scheme) strategy {
	return strategy{rest.DeclarativeValidation{Scheme: scheme}, names.SimpleNameGenerator}
}

// NamespaceScoped says whether Bar objects live in namespaces.
func (strategy) NamespaceScoped() bool {
	return true
}

// PrepareForCreate sets what clients do not decide.
func (strategy) PrepareForCreate(_ context.Context, obj runtime.Object) {
	object := obj.(*example.Bar)
	object.Generation = 1
	object.Status = example.BarStatus{}
}

// PrepareForUpdate keeps the status as it was and counts changes of the spec in metadata.generation.
func (strategy) PrepareForUpdate(_ context.Context, obj, old runtime.Object) {
	object, oldObject := obj.(*example.Bar), old.(*example.Bar)
	object.Status = oldObject.Status
	if !apiequality.Semantic.DeepEqual(object.Spec, oldObject.Spec) {
		object.Generation = oldObject.Generation + 1
	}
}

// Validate returns what is wrong with a new object.
func (strategy) Validate(_ context.Context, obj runtime.Object) field.ErrorList {
	object := obj.(*example.Bar)
	return append(validation.ValidateObjectMeta(&object.ObjectMeta, true, validation.NameIsDNSSubdomain, field.NewPath("metadata")), ValidateBar(obj.(*example.Bar))...)
}

// ValidateUpdate returns what is wrong with a change. Metadata has been checked before.
func (strategy) ValidateUpdate(_ context.Context, obj, old runtime.Object) field.ErrorList {
	return ValidateBarUpdate(obj.(*example.Bar), old.(*example.Bar))
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

// GetResetFields returns the fields that a write to the resource leaves as they were.
func (s strategy) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return everyVersion(s.Scheme, fieldpath.MakePathOrDie("status"))
}

// statusStrategy is what is particular to writes to the status subresource.
type statusStrategy struct {
	strategy
}

// PrepareForUpdate keeps all but the status as it was.
func (statusStrategy) PrepareForUpdate(_ context.Context, obj, old runtime.Object) {
	object, oldObject := obj.(*example.Bar), old.(*example.Bar)
	metav1.ResetObjectMetaForStatus(&object.ObjectMeta, &oldObject.ObjectMeta)
	object.Spec = oldObject.Spec
}

// ValidateUpdate returns what is wrong with a change of the status.
func (statusStrategy) ValidateUpdate(_ context.Context, obj, old runtime.Object) field.ErrorList {
	return nil
}

// WarningsOnUpdate returns lines that the client shows; the change is accepted.
func (statusStrategy) WarningsOnUpdate(_ context.Context, obj, old runtime.Object) []string {
	return nil
}

// GetResetFields returns the fields that a write to the status leaves as they were.
func (s statusStrategy) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return everyVersion(s.Scheme, fieldpath.MakePathOrDie("metadata"), fieldpath.MakePathOrDie("spec"))
}

// everyVersion returns the same fields for every version in which Bar objects may be applied.
func everyVersion(scheme *runtime.Scheme, paths ...fieldpath.Path) map[fieldpath.APIVersion]*fieldpath.Set {
	fields := map[fieldpath.APIVersion]*fieldpath.Set{}
	for _, version := range scheme.PrioritizedVersionsForGroup(example.GroupName) {
		fields[fieldpath.APIVersion(version.String())] = fieldpath.NewSet(paths...)
	}
	return fields
}

// MatchBar selects objects by label and field, for lists and watches.
func MatchBar(label labels.Selector, field fields.Selector) storage.SelectionPredicate {
	return storage.SelectionPredicate{Label: label, Field: field, GetAttrs: GetAttrs}
}

// GetAttrs returns the labels and fields by which an object can be selected.
func GetAttrs(obj runtime.Object) (labels.Set, fields.Set, error) {
	object, ok := obj.(*example.Bar)
	if !ok {
		return nil, nil, fmt.Errorf("not a Bar: %T", obj)
	}
	return object.Labels, SelectableFields(object), nil
}

// SelectableFields returns the fields that a field selector can name. One that is added here needs a field label
// conversion in every version (scheme.AddFieldLabelConversionFunc).
func SelectableFields(object *example.Bar) fields.Set {
	return generic.ObjectMetaFieldsSet(&object.ObjectMeta, true)
}
