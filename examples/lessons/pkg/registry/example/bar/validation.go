package bar

import (
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"example.com/lessons/pkg/apis/example"
)

// maxBarDescription is how many characters spec.description may have.
const maxBarDescription = 256

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
	if utf8.RuneCountInString(spec.Description) > maxBarDescription {
		errs = append(errs, field.TooLongCharacters(path.Child("description"), spec.Description, maxBarDescription))
	}
	return errs
}
