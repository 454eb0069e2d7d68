package install

import (
	"testing"

	"github.com/kubecraft/kubecraft/runtime/roundtrip"
)

// Objects with random contents must come back unchanged from every version, and from JSON, YAML and CBOR. A field that
// is in one version only, or has no conversion, fails here.
func TestRoundTrip(t *testing.T) {
	roundtrip.Test(t, Install)
}
