package serve

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
	apistorage "k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/names"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/kubecraft/kubecraft/runtime/internal/toys"
	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
)

type strategy struct {
	*runtime.Scheme
	names.NameGenerator
}

func newStrategy(scheme *runtime.Scheme) strategy { return strategy{scheme, names.SimpleNameGenerator} }

func (strategy) NamespaceScoped() bool { return true }

func (strategy) PrepareForCreate(_ context.Context, obj runtime.Object) {
	robot := obj.(*toys.Robot)
	robot.Generation, robot.Status = 1, toys.RobotStatus{}
}

func (strategy) PrepareForUpdate(_ context.Context, obj, old runtime.Object) {
	robot, before := obj.(*toys.Robot), old.(*toys.Robot)
	robot.Status = before.Status
	if !apiequality.Semantic.DeepEqual(robot.Spec, before.Spec) {
		robot.Generation = before.Generation + 1
	}
}

func (strategy) Validate(_ context.Context, obj runtime.Object) field.ErrorList {
	robot := obj.(*toys.Robot)
	all := validation.ValidateObjectMeta(&robot.ObjectMeta, true, validation.NameIsDNSSubdomain, field.NewPath("metadata"))
	if robot.Spec.Replicas < 0 {
		all = append(all, field.Invalid(field.NewPath("spec", "replicas"), robot.Spec.Replicas, "must not be negative"))
	}
	return all
}

func (s strategy) ValidateUpdate(ctx context.Context, obj, _ runtime.Object) field.ErrorList {
	return s.Validate(ctx, obj)
}

func (strategy) WarningsOnCreate(context.Context, runtime.Object) []string { return nil }

func (strategy) WarningsOnUpdate(context.Context, runtime.Object, runtime.Object) []string {
	return nil
}
func (strategy) Canonicalize(runtime.Object)                   {}
func (strategy) AllowCreateOnUpdate(context.Context) bool      { return false }
func (strategy) AllowUnconditionalUpdate(context.Context) bool { return true }

func (strategy) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return resets(fieldpath.MakePathOrDie("status"))
}

type statusStrategy struct{ strategy }

func (statusStrategy) PrepareForUpdate(_ context.Context, obj, old runtime.Object) {
	robot, before := obj.(*toys.Robot), old.(*toys.Robot)
	metav1.ResetObjectMetaForStatus(&robot.ObjectMeta, &before.ObjectMeta)
	robot.Spec = before.Spec
}

func (statusStrategy) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return resets(fieldpath.MakePathOrDie("metadata"), fieldpath.MakePathOrDie("spec"))
}

func resets(paths ...fieldpath.Path) map[fieldpath.APIVersion]*fieldpath.Set {
	return map[fieldpath.APIVersion]*fieldpath.Set{fieldpath.APIVersion(toysv1.SchemeGroupVersion.String()): fieldpath.NewSet(paths...)}
}

func match(label labels.Selector, fields fields.Selector) apistorage.SelectionPredicate {
	return apistorage.SelectionPredicate{Label: label, Field: fields, GetAttrs: attrs}
}

func attrs(obj runtime.Object) (labels.Set, fields.Set, error) {
	robot, ok := obj.(*toys.Robot)
	if !ok {
		return nil, nil, fmt.Errorf("not a Robot: %T", obj)
	}
	return robot.Labels, generic.ObjectMetaFieldsSet(&robot.ObjectMeta, true), nil
}
