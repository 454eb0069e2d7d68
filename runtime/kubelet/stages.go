package kubelet

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/kwok/pkg/utils/gotpl"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
	"sigs.k8s.io/yaml"
)

// stages are the stages of each kind of object, in the order of their files.
type stages map[schema.GroupVersionKind][]*stage

// stage is a Stage that has been compiled.
type stage struct {
	*lifecycle.Stage
	// where is the file and the line that it is from.
	where string
}

// add reads a Stage.
func (s stages) add(where string, document []byte) error {
	var read v1alpha1.Stage
	if err := yaml.UnmarshalStrict(document, &read); err != nil {
		_ = yaml.Unmarshal(document, &read) // for the name
		return fmt.Errorf("%s: stage %s: %w", where, read.Name, err)
	}
	compiled, kind, err := compile(&read)
	if err != nil {
		return fmt.Errorf("%s: stage %s: %w", where, read.Name, err)
	}
	s[kind] = append(s[kind], &stage{Stage: compiled, where: where})
	return nil
}

// compile makes what a Stage says ready to be used by several goroutines, and says what is wrong with it.
func compile(read *v1alpha1.Stage) (*lifecycle.Stage, schema.GroupVersionKind, error) {
	ref := read.Spec.ResourceRef
	if ref.APIGroup == "" {
		ref.APIGroup = "v1"
	}
	version, err := schema.ParseGroupVersion(ref.APIGroup)
	if err != nil {
		return nil, schema.GroupVersionKind{}, fmt.Errorf("spec.resourceRef.apiGroup: %w", err)
	}
	kind := version.WithKind(ref.Kind)
	switch {
	case ref.Kind == "":
		return nil, kind, fmt.Errorf("spec.resourceRef.kind is missing")
	case read.Spec.Selector == nil:
		return nil, kind, fmt.Errorf("spec.selector is missing, so that it selects nothing; {} selects all")
	}
	internal, err := internalversion.ConvertToInternalStage(read) // with what is under spec.next as steps
	if err != nil {
		return nil, kind, err
	}
	if len(internal.Spec.Steps) == 0 {
		return nil, kind, fmt.Errorf("spec.steps is missing: nothing would happen")
	}
	for i, step := range internal.Spec.Steps {
		for _, text := range templates(step) {
			if err := checkTemplate(text); err != nil {
				return nil, kind, fmt.Errorf("step %d: %w", i+1, err)
			}
		}
	}
	compiled := lifecycle.NewStage(internal)
	if err := compileExpressions(compiled, exampleOf(kind)); err != nil {
		return nil, kind, fmt.Errorf("expression: %w", err)
	}
	return compiled, kind, nil
}

// compileExpressions has a stage's expressions compiled, which kwok does when they are first used, by whoever comes first. That one
// cannot be evaluated is no matter: the example is empty. Only what could not be compiled is not tried again.
func compileExpressions(compiled *lifecycle.Stage, example object) error {
	match := func() error {
		_, err := lifecycle.Lifecycle{compiled}.Match(context.Background(), newEvent(example))
		return err
	}
	err := match()
	if err == nil {
		return nil
	}
	if again := match(); again != nil && again.Error() == err.Error() {
		return nil
	}
	return err
}

func templates(step internalversion.StageStep) []string {
	var texts []string
	if step.Patch != nil {
		texts = append(texts, step.Patch.Template)
	}
	if step.Apply != nil {
		texts = append(texts, step.Apply.Template)
	}
	return texts
}

// checkTemplate says what is wrong with a template's text. Its execution may fail for what is not in an empty object.
func checkTemplate(text string) error {
	_, err := gotpl.NewRenderer(noFunctions()).ToText(text, map[string]any{})
	if err == nil || !strings.HasPrefix(err.Error(), "build template: ") {
		return nil
	}
	message, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "build template: "), "\n")
	return fmt.Errorf("%s", strings.TrimRight(message, ": \x00"))
}

// exampleOf returns an empty object of a kind, as they are matched later.
func exampleOf(kind schema.GroupVersionKind) object {
	switch kind {
	case corev1.SchemeGroupVersion.WithKind("Pod"):
		return &corev1.Pod{}
	case corev1.SchemeGroupVersion.WithKind("Node"):
		return &corev1.Node{}
	}
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(kind)
	return u
}
