package v2

import (
	"k8s.io/apimachinery/pkg/conversion"

	"example.com/lessons/pkg/apis/example"
)

// Convert_v2_BarSpec_To_example_BarSpec adds what generated code cannot know: a field of another name.
func Convert_v2_BarSpec_To_example_BarSpec(in *BarSpec, out *example.BarSpec, s conversion.Scope) error {
	out.Description = in.Summary
	return autoConvert_v2_BarSpec_To_example_BarSpec(in, out, s)
}

// Convert_example_BarSpec_To_v2_BarSpec is the way back.
func Convert_example_BarSpec_To_v2_BarSpec(in *example.BarSpec, out *BarSpec, s conversion.Scope) error {
	out.Summary = in.Description
	return autoConvert_example_BarSpec_To_v2_BarSpec(in, out, s)
}
