package testenv_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// Roles decide: alice may not read secrets until somebody lets her.
func TestRolesDecide(t *testing.T) {
	t.Parallel()
	env := testenv.Start(t, kubernetes.All())
	admin := clientset.NewForConfigOrDie(env.Config())
	alice := clientset.NewForConfigOrDie(env.User("alice", "developers"))

	_, err := alice.CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) {
		t.Fatalf("alice reads secrets: %v", err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "developers"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "admin"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "developers"}},
	}
	if _, err := admin.RbacV1().RoleBindings("default").Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// The server's informers take a moment.
	eventually(t, "alice reads secrets", func() bool {
		_, err := alice.CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{})
		return err == nil
	})
}

// What Kubernetes would refuse is refused, with the words it has for it.
func TestObjectsAreValidated(t *testing.T) {
	t.Parallel()
	env := testenv.Start(t, kubernetes.All())
	client := clientset.NewForConfigOrDie(env.Config())
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
	_, err := client.CoreV1().Pods("default").Create(t.Context(), pod, metav1.CreateOptions{})
	if !apierrors.IsInvalid(err) {
		t.Errorf("a pod without containers: %v", err)
	}
}
