package v1alpha1

import (
	"k8s.io/apimachinery/pkg/conversion"

	"example.com/wardle/pkg/apis/wardle"
)

// Convert_v1alpha1_FlunderSpec_To_wardle_FlunderSpec splits the one reference by its type.
func Convert_v1alpha1_FlunderSpec_To_wardle_FlunderSpec(in *FlunderSpec, out *wardle.FlunderSpec, _ conversion.Scope) error {
	if in.ReferenceType == nil {
		return nil
	}
	out.ReferenceType = wardle.ReferenceType(*in.ReferenceType)
	switch *in.ReferenceType {
	case FlunderReferenceType:
		out.FlunderReference = in.Reference
	case FischerReferenceType:
		out.FischerReference = in.Reference
	}
	return nil
}

// Convert_wardle_FlunderSpec_To_v1alpha1_FlunderSpec joins the two references.
func Convert_wardle_FlunderSpec_To_v1alpha1_FlunderSpec(in *wardle.FlunderSpec, out *FlunderSpec, _ conversion.Scope) error {
	if in.ReferenceType == "" {
		return nil
	}
	referenceType := ReferenceType(in.ReferenceType)
	out.ReferenceType = &referenceType
	switch in.ReferenceType {
	case wardle.FlunderReferenceType:
		out.Reference = in.FlunderReference
	case wardle.FischerReferenceType:
		out.Reference = in.FischerReference
	}
	return nil
}
