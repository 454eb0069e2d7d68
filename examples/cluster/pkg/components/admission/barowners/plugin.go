package barowners

import (
	"context"
	"fmt"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"maps"
	"slices"
	"strings"

	"example.com/demo/pkg/apis/example"
)

// plugin is asked about many objects at once.
type plugin struct {
	*admission.Handler
	config Config
}

var (
	_ admission.MutationInterface   = &plugin{}
	_ admission.ValidationInterface = &plugin{}
)

// Admit implements admission.MutationInterface: it may change the object.
func (p *plugin) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	object, old := objects(a)
	if object == nil || p.owner(object) != "" {
		return nil
	}
	owner := p.wanted(a, old)
	if owner == "" || p.ignores(a.GetUserInfo()) {
		return nil
	}
	annotations := maps.Clone(object.GetAnnotations())
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[p.config.Annotation] = owner
	object.SetAnnotations(annotations)
	return nil
}

// Validate implements admission.ValidationInterface: the object is as it will be stored.
func (p *plugin) Validate(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	object, old := objects(a)
	if object == nil || p.ignores(a.GetUserInfo()) || p.mayChange(a.GetUserInfo()) {
		return nil
	}
	if owner, want := p.owner(object), p.wanted(a, old); owner != want {
		return admission.NewForbidden(a, fmt.Errorf("the annotation %s must be %q, not %q: only members of %s may name another owner",
			p.config.Annotation, want, owner, strings.Join(p.config.MayChange, ", ")))
	}
	return nil
}

// objects returns the Bar that is written, in its internal version, and the one that it replaces. Of another kind both are nil.
func objects(a admission.Attributes) (object, old *example.Bar) {
	object, _ = a.GetObject().(*example.Bar)
	old, _ = a.GetOldObject().(*example.Bar)
	return object, old
}

// owner returns whose it is; nobody's if there is none.
func (p *plugin) owner(object *example.Bar) string {
	if object == nil {
		return ""
	}
	return object.GetAnnotations()[p.config.Annotation]
}

// wanted returns whose an object has to be: the user's who makes it, and the same as before then.
func (p *plugin) wanted(a admission.Attributes, old *example.Bar) string {
	if a.GetOperation() == admission.Create {
		return a.GetUserInfo().GetName()
	}
	return p.owner(old)
}

func (p *plugin) ignores(who user.Info) bool {
	return slices.ContainsFunc(p.config.Ignored, func(prefix string) bool { return strings.HasPrefix(who.GetName(), prefix) })
}

func (p *plugin) mayChange(who user.Info) bool {
	return slices.ContainsFunc(who.GetGroups(), func(group string) bool { return slices.Contains(p.config.MayChange, group) })
}
