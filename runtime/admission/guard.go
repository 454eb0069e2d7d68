package admission

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/admission"

	"github.com/kubecraft/kubecraft/runtime/internal/guard"
)

// Guard lets an admission plugin of a project's own do no worse than to refuse: a request is answered with 500 and the reason if the
// plugin panics, does not answer within timeout (10 seconds if it is 0), or returns an error that is not one of the API's, such as those of
// admission.NewForbidden. Each cause is logged once.
//
// The result implements admission.MutationInterface and admission.ValidationInterface; what the plugin has neither of is passed. Operations
// that a plugin handles are asked for with each request, and one that cannot say handles them all.
func Guard(name string, timeout time.Duration, plugin admission.Interface) admission.Interface {
	return &guarded{guard.New("admission plugin "+name, timeout), plugin}
}

type guarded struct {
	guard *guard.Guard
	of    admission.Interface
}

var (
	_ admission.MutationInterface   = &guarded{}
	_ admission.ValidationInterface = &guarded{}
)

// Handles implements admission.Interface.
func (g *guarded) Handles(operation admission.Operation) bool {
	handles, err := guard.Call(context.Background(), g.guard, func(context.Context) (bool, error) { return g.of.Handles(operation), nil })
	return handles || err != nil
}

// Admit implements admission.MutationInterface.
func (g *guarded) Admit(ctx context.Context, a admission.Attributes, o admission.ObjectInterfaces) error {
	plugin, ok := g.of.(admission.MutationInterface)
	if !ok {
		return nil
	}
	return g.call(ctx, func(ctx context.Context) error { return plugin.Admit(ctx, a, o) })
}

// Validate implements admission.ValidationInterface.
func (g *guarded) Validate(ctx context.Context, a admission.Attributes, o admission.ObjectInterfaces) error {
	plugin, ok := g.of.(admission.ValidationInterface)
	if !ok {
		return nil
	}
	return g.call(ctx, func(ctx context.Context) error { return plugin.Validate(ctx, a, o) })
}

func (g *guarded) call(ctx context.Context, ask func(context.Context) error) error {
	_, err := guard.Call(ctx, g.guard, func(ctx context.Context) (struct{}, error) { return struct{}{}, ask(ctx) })
	if err == nil {
		return nil
	}
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		return err
	}
	if _, failed := errors.AsType[*guard.Failure](err); failed {
		return apierrors.NewInternalError(err)
	}
	g.guard.Note(err)
	return apierrors.NewInternalError(fmt.Errorf("%s: %w", g.guard, err))
}
