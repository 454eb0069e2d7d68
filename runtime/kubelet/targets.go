package kubelet

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/yaml"
)

// targets are what kwok's objects of two kinds say: of one pod, by its namespace and name, or of all pods that are selected.
type targets[T any] struct {
	pods    map[string][]T
	cluster []selected[T]
}

type selected[T any] struct {
	selector *internalversion.ObjectSelector
	of       []T
}

func (t *targets[T]) add(pod metav1.Object, of []T) {
	if t.pods == nil {
		t.pods = map[string][]T{}
	}
	t.pods[key(pod)] = of
}

func (t *targets[T]) addCluster(selector *internalversion.ObjectSelector, of []T) {
	t.cluster = append(t.cluster, selected[T]{selector, of})
}

// find returns what is said of one of a pod's containers or ports: what names it, or else what names none. An object that is of the pod alone
// goes before all others, whatever it says.
func find[T any, N comparable](t *targets[T], pod *corev1.Pod, wanted N, names func(T) []N) (T, bool) {
	if of, ok := t.pods[key(pod)]; ok {
		return findIn(of, wanted, names)
	}
	for _, s := range t.cluster {
		if !s.selector.Match(pod.Name, pod.Namespace) {
			continue
		}
		if found, ok := findIn(s.of, wanted, names); ok {
			return found, true
		}
	}
	return *new(T), false
}

func findIn[T any, N comparable](all []T, wanted N, names func(T) []N) (found T, ok bool) {
	for _, of := range all {
		switch named := names(of); {
		case slices.Contains(named, wanted):
			return of, true
		case len(named) == 0 && !ok:
			found, ok = of, true
		}
	}
	return found, ok
}

// decode reads one of kwok's objects, converts it, and hands it on. What is wrong with it is said with its place and its name.
func decode[From any, To any](where, kind string, document []byte, convert func(*From) (*To, error), add func(*To) error) error {
	from := new(From)
	err := yaml.UnmarshalStrict(document, from)
	var to *To
	if err == nil {
		to, err = convert(from)
	} else {
		_ = yaml.Unmarshal(document, from) // for the name
	}
	if err == nil {
		err = add(to)
	}
	if err == nil {
		return nil
	}
	name := ""
	if named, ok := any(from).(metav1.Object); ok {
		name = named.GetName()
	}
	return fmt.Errorf("%s: %s %s: %w", where, kind, name, err)
}
