package admission

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/klog/v2"
)

// plugin does what the object's name says.
type plugin struct{ release <-chan struct{} }

func (plugin) Handles(operation admission.Operation) bool {
	if operation == admission.Connect {
		panic("who knows")
	}
	return operation == admission.Create
}

func (p plugin) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	switch a.GetName() {
	case "err":
		return errors.New("the directory is down")
	case "panic":
		panic("no such owner")
	case "hang":
		<-p.release
	case "forbid":
		return admission.NewForbidden(a, errors.New("not yours"))
	}
	return nil
}

// validating is a plugin that only checks.
type validating struct{ admission.Interface }

func (validating) Validate(context.Context, admission.Attributes, admission.ObjectInterfaces) error {
	panic("checked")
}

func about(name string) admission.Attributes {
	return admission.NewAttributesRecord(&metav1.PartialObjectMetadata{}, nil, schema.GroupVersionKind{Kind: "Foo"}, "default", name,
		schema.GroupVersionResource{Resource: "foos"}, "", admission.Create, nil, false, &user.DefaultInfo{Name: "joe"})
}

func TestGuardedPluginsRefuse(t *testing.T) {
	klog.SetLogger(logr.Discard())
	t.Cleanup(klog.ClearLogger)
	release := make(chan struct{})
	defer close(release)
	g := Guard("owners", 50*time.Millisecond, plugin{release}).(*guarded)
	for name, want := range map[string]struct {
		code int32
		text string
	}{
		"good":   {0, ""},
		"err":    {http.StatusInternalServerError, "admission plugin owners: the directory is down"},
		"panic":  {http.StatusInternalServerError, "admission plugin owners panicked: no such owner"},
		"hang":   {http.StatusInternalServerError, "admission plugin owners did not answer within 50ms"},
		"forbid": {http.StatusForbidden, `foos "forbid" is forbidden: not yours`},
	} {
		err := g.Admit(t.Context(), about(name), nil)
		if want.code == 0 {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		status := apierrors.APIStatus(nil)
		if !errors.As(err, &status) || status.Status().Code != want.code || !strings.Contains(status.Status().Message, want.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := g.Validate(t.Context(), about("panic"), nil); err != nil {
		t.Errorf("it has nothing to check: %v", err)
	}
	if !g.Handles(admission.Create) || g.Handles(admission.Delete) || !g.Handles(admission.Connect) {
		t.Error("it handles what it says, and what it cannot say")
	}
	checks := Guard("checks", 0, validating{plugin{}})
	if err := checks.(admission.MutationInterface).Admit(t.Context(), about("panic"), nil); err != nil {
		t.Errorf("it changes nothing: %v", err)
	}
	if err := checks.(admission.ValidationInterface).Validate(t.Context(), about("good"), nil); err == nil || !strings.Contains(err.Error(), "admission plugin checks panicked: checked") {
		t.Errorf("a check that panics: %v", err)
	}
}
