package install

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/randfill"

	"github.com/kubecraft/kubecraft/runtime/roundtrip"

	"example.com/wardle/pkg/apis/wardle"
)

// Objects with random contents must come back unchanged from every version, and from JSON, YAML and CBOR. A field that
// is in one version only, or has no conversion, fails here.
func TestRoundTrip(t *testing.T) {
	roundtrip.Test(t, Install, possibleReferences)
}

// possibleReferences fills specs as validation lets them in: with the reference that the type names, or none.
func possibleReferences(serializer.CodecFactory) []any {
	return []any{func(spec *wardle.FlunderSpec, c randfill.Continue) {
		name := "a" + c.String(0)
		switch c.Intn(3) {
		case 0:
			*spec = wardle.FlunderSpec{ReferenceType: wardle.FlunderReferenceType, FlunderReference: name}
		case 1:
			*spec = wardle.FlunderSpec{ReferenceType: wardle.FischerReferenceType, FischerReference: name}
		default:
			*spec = wardle.FlunderSpec{}
		}
	}}
}
