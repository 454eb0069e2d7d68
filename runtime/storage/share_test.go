package storage

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
)

func podOf(name, node, phase string) *corev1.Pod {
	seconds := int64(30)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "ns", Name: name, UID: "uid-of-" + "this", Labels: map[string]string{"app": "web"},
			CreationTimestamp: metav1.Time{Time: time.Unix(1, 0)},
			ManagedFields:     []metav1.ManagedFieldsEntry{{Manager: "m", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{}}`)}},
		},
		Spec: corev1.PodSpec{
			NodeName:                      node,
			TerminationGracePeriodSeconds: &seconds,
			Containers: append(make([]corev1.Container, 0, 4), corev1.Container{
				Name: "c", Image: "nginx", Command: []string{"a", "b"},
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": apiresource.MustParse("100m")}},
			}),
		},
		Status: corev1.PodStatus{Phase: corev1.PodPhase(phase), Conditions: []corev1.PodCondition{{Type: "Ready", Message: "not yet"}}},
	}
}

func TestWhatIsEqualIsShared(t *testing.T) {
	s := newSharing()
	see := func(kind watch.EventType, object runtime.Object) { s.event(watch.Event{Type: kind, Object: object}) }
	first := podOf("a", "", "Pending")
	see(watch.Added, first)
	later := podOf("a", "n1", "Running")
	later.Status.Conditions[0].Message = "it is"
	want := later.DeepCopy()
	see(watch.Modified, later)
	if !equality.Semantic.DeepEqual(want, later) {
		t.Fatalf("it has become another:\n%+v\n%+v", later, want)
	}
	if !sameMemory(first.Spec.Containers, later.Spec.Containers) || !sameMap(first.Labels, later.Labels) ||
		first.Spec.TerminationGracePeriodSeconds != later.Spec.TerminationGracePeriodSeconds ||
		unsafe.StringData(string(first.UID)) != unsafe.StringData(string(later.UID)) {
		t.Error("what is equal is not shared")
	}
	if sameMemory(first.Status.Conditions, later.Status.Conditions) || first.Spec.NodeName != "" || first.Status.Conditions[0].Message != "not yet" {
		t.Error("what is different is shared")
	}

	// Whoever appends to one does not write into the other.
	if c := later.Spec.Containers; cap(c) > len(c) || cap(first.Spec.Containers) == len(c) {
		t.Errorf("there is room for %d containers more", cap(c)-len(c))
	}

	// Another one of the same make has all in common with it but what it is called.
	other := podOf("b", "", "Pending")
	see(watch.Added, other)
	if !sameMemory(first.Spec.Containers, other.Spec.Containers) || other.Name != "b" || other.Status.Phase != "Pending" {
		t.Errorf("of another: %+v", other)
	}
	// Fields are shared with whatever has them.
	unlike := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", ManagedFields: podOf("", "", "").ManagedFields}}
	see(watch.Added, unlike)
	if unlike.ManagedFields[0].FieldsV1 != first.ManagedFields[0].FieldsV1 {
		t.Error("managed fields are not shared")
	}

	see(watch.Deleted, later)
	if _, there := s.versions[nameOf(later)]; there || len(s.versions) != 2 {
		t.Errorf("%d objects are remembered", len(s.versions))
	}
}

// Nothing and what is empty are not the same, nor are lists that begin alike.
func TestWhatOnlyLooksEqualIsNot(t *testing.T) {
	for what, pair := range map[string][2]*corev1.Pod{
		"nil and empty list":   {{}, {Spec: corev1.PodSpec{Containers: []corev1.Container{}}}},
		"nil and empty map":    {{}, {ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{}}}},
		"a longer list":        {{Spec: corev1.PodSpec{Containers: make([]corev1.Container, 1)}}, {Spec: corev1.PodSpec{Containers: make([]corev1.Container, 2)}}},
		"a shorter list":       {{Spec: corev1.PodSpec{Containers: make([]corev1.Container, 2)}}, {Spec: corev1.PodSpec{Containers: make([]corev1.Container, 1)}}},
		"another key":          {{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": ""}}}, {ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"b": ""}}}},
		"another value":        {{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": ""}}}, {ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": "b"}}}},
		"a quantity, written":  {quantity("1"), quantity("1000m")},
		"another quantity":     {quantity("1"), quantity("2")},
		"no pointer and one":   {{}, {ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}}},
		"times of two seconds": {{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}}, {ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{Time: time.Unix(1, 0)}}}},
	} {
		for range 2 {
			from, to := pair[0].DeepCopy(), pair[1].DeepCopy()
			newSharing().share(reflect.ValueOf(to), reflect.ValueOf(from))
			if !reflect.DeepEqual(from, pair[0]) || !reflect.DeepEqual(to, pair[1]) {
				t.Errorf("%s: became %+v and %+v", what, from, to)
			}
			pair[0], pair[1] = pair[1], pair[0]
		}
	}
}

func quantity(of string) *corev1.Pod {
	return &corev1.Pod{Spec: corev1.PodSpec{Overhead: corev1.ResourceList{"cpu": apiresource.MustParse(of)}}}
}

func sameMemory[T any](a, b []T) bool { return unsafe.SliceData(a) == unsafe.SliceData(b) }

func sameMap(a, b map[string]string) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

func BenchmarkSharing(b *testing.B) {
	s := newSharing()
	pods := make([]*corev1.Pod, b.N)
	for i := range pods {
		pods[i] = podOf("a", "n", "Running")
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, pod := range pods {
		s.add(pod)
	}
}
