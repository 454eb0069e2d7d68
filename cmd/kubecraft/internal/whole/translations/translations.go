//go:build whole

package translations

import (
	"os"
	"slices"

	"k8s.io/kubectl/pkg/util/i18n"
)

// Variables of kubectl's packages are texts that are translated while they are initialized, so that this has to be set before: packages
// are initialized in the order of their import paths as soon as what they import is, and this one's path comes before k8s.io's.
var _ = i18n.SetLoadTranslationsFunc(load)

func load() error {
	if !slices.Contains(os.Args, "kubectl") {
		return nil
	}
	return i18n.LoadTranslations("kubectl", nil)
}
