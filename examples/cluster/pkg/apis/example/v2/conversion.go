package v2

import (
	"k8s.io/apimachinery/pkg/conversion"

	"example.com/demo/pkg/apis/example"
)

// Convert_v2_BarSpec_To_example_BarSpec converts what generated code cannot: the field has another name.
func Convert_v2_BarSpec_To_example_BarSpec(in *BarSpec, out *example.BarSpec, s conversion.Scope) error {
	if err := autoConvert_v2_BarSpec_To_example_BarSpec(in, out, s); err != nil {
		return err
	}
	out.Description = in.Text
	return nil
}

// Convert_example_BarSpec_To_v2_BarSpec converts what generated code cannot: the field has another name.
func Convert_example_BarSpec_To_v2_BarSpec(in *example.BarSpec, out *BarSpec, s conversion.Scope) error {
	if err := autoConvert_example_BarSpec_To_v2_BarSpec(in, out, s); err != nil {
		return err
	}
	out.Text = in.Description
	return nil
}
