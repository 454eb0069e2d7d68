// Package owners is an admission plugin: each object gets an annotation that says whose it is, and few may change it.
package owners

import (
	"context"
	_ "embed"

	"k8s.io/apiserver/pkg/admission"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/extension"
)

// Name is the plugin's, and that of its part: serve --without owners leaves it out, --owners-config FILE gives it another configuration.
const Name = "owners"

// config is what holds where the file is not.
//
//go:embed config.yaml
var config []byte

// Admission is the part that asks the plugin: those that change objects in the order in which main.go lists them, and when all have, those
// that check them.
func Admission() controlplane.Part {
	return extension.Admission(extension.Options{Name: Name, File: "pkg/components/admission/owners/config.yaml", Config: config}, newPlugin)
}

// newPlugin is called at the start and when the file has changed; what it returned before holds if it returns an error. The client is the
// server's own, for plugins that look at other objects.
func newPlugin(_ context.Context, file extension.File, _ *rest.Config) (admission.Interface, error) {
	read, err := parse(file)
	if err != nil {
		return nil, err
	}
	return &plugin{admission.NewHandler(admission.Create, admission.Update), read}, nil
}
