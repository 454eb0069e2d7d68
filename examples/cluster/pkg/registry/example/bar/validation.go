package bar

import (
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"example.com/demo/pkg/apis/example"
)

// ValidateBar returns what is wrong with a new Bar, besides its metadata and what the +k8s: tags of its fields say.
func ValidateBar(object *example.Bar) field.ErrorList {
	return validateBarSpec(&object.Spec, field.NewPath("spec"))
}

// ValidateBarUpdate returns what is wrong with a change of a Bar: the new one must be right by itself. What must not change
// is compared with old, as validation.ValidateImmutableField of k8s.io/apimachinery/pkg/api does.
func ValidateBarUpdate(object, old *example.Bar) field.ErrorList {
	return ValidateBar(object)
}

func validateBarSpec(spec *example.BarSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.Replicas != nil {
		errs = append(errs, validation.ValidateNonnegativeField(int64(*spec.Replicas), path.Child("replicas"))...)
	}
	return errs
}
