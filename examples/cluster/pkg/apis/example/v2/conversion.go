package v2

import (
	"errors"

	"k8s.io/apimachinery/pkg/conversion"

	"example.com/demo/pkg/apis/example"
)

// Convert_v2_BarSpec_To_example_BarSpec is yours to write: generated code calls it for what it cannot convert itself.
// Until it is written it fails, so that nothing is lost.
func Convert_v2_BarSpec_To_example_BarSpec(in *BarSpec, out *example.BarSpec, s conversion.Scope) error {
	if err := autoConvert_v2_BarSpec_To_example_BarSpec(in, out, s); err != nil {
		return err
	}
	//kubecraft:unfilled convert Text of v2 to the internal type and set its Description
	return errors.New("Convert_v2_BarSpec_To_example_BarSpec in pkg/apis/example/v2/conversion.go is not written yet")
}

// Convert_example_BarSpec_To_v2_BarSpec is yours to write: generated code calls it for what it cannot convert itself.
// Until it is written it fails, so that nothing is lost.
func Convert_example_BarSpec_To_v2_BarSpec(in *example.BarSpec, out *BarSpec, s conversion.Scope) error {
	if err := autoConvert_example_BarSpec_To_v2_BarSpec(in, out, s); err != nil {
		return err
	}
	//kubecraft:unfilled convert Description of the internal type to v2 and set its Text
	return errors.New("Convert_example_BarSpec_To_v2_BarSpec in pkg/apis/example/v2/conversion.go is not written yet")
}
