package storage

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/apis/example"
	"k8s.io/apiserver/pkg/storage"
)

func podOf(name, node, phase string) *corev1.Pod {
	seconds := int64(30)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "ns", Name: name, UID: types.UID(strings.Clone("uid")), Labels: map[string]string{"app": "web"},
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
	// Labels that come later are shared with whatever has them, those of others meanwhile notwithstanding.
	zoned := func(name, zone string) *corev1.Pod {
		pod := podOf(name, "n1", "Running")
		pod.Labels["zone"] = zone
		see(watch.Modified, pod)
		return pod
	}
	if one, two := zoned("a", "1"), zoned("b", "2"); sameMap(one.Labels, two.Labels) || !sameMap(one.Labels, zoned("b", "1").Labels) || !sameMap(two.Labels, zoned("a", "2").Labels) {
		t.Error("labels are not shared")
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

// What is equal in two versions that a watch cache is told of is in its memory once.
func TestCachesShare(t *testing.T) {
	s, pods := reopen(t, filepath.Join(t.TempDir(), "data.db"), -1)
	defer func() { _ = s.Close() }()
	objects, _ := s.Objects(schema.GroupResource{Resource: "pods"})
	only := func() example.Pod {
		list, err := objects.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return list.(*example.PodList).Items[0]
	}
	create(t, pods, "a")
	annotate(t, pods, "a", "stays")
	before := only()
	err := pods.GuaranteedUpdate(t.Context(), podKey("a"), &example.Pod{}, false, nil, storage.SimpleUpdate(func(obj runtime.Object) (runtime.Object, error) {
		obj.(*example.Pod).Spec.Hostname = "changed"
		return obj, nil
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	after := only()
	if after.Spec.Hostname != "changed" || before.Spec.Hostname != "" || after.Annotations["value"] != "stays" {
		t.Fatalf("%+v became %+v", before, after)
	}
	if !sameMap(before.Annotations, after.Annotations) {
		t.Error("each version has a map of its own")
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
