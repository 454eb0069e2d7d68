package kubernetes_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/extension"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

// byName is an authenticator that takes a token own-NAME for a name.
func byName(context.Context, extension.File) (authenticator.Token, error) {
	return authenticator.TokenFunc(func(_ context.Context, token string) (*authenticator.Response, bool, error) {
		name, ok := strings.CutPrefix(token, "own-")
		if name == "panic" {
			panic("who is it")
		}
		return &authenticator.Response{User: &user.DefaultInfo{Name: name}}, ok, nil
	}), nil
}

// noSecrets is an authorizer that denies what is secret, and errs about what is to be deleted.
func noSecrets(context.Context, extension.File) (authorizer.UnconditionalAuthorizer, error) {
	return authorizer.AuthorizerFunc(func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
		switch {
		case a.GetResource() == "secrets" && a.GetUser().GetName() == "alice":
			return authorizer.DecisionDeny, "secrets are secret", nil
		case a.GetVerb() == "delete" && a.GetUser().GetName() == "alice":
			panic("nothing is deleted")
		}
		return authorizer.DecisionNoOpinion, "", nil
	}), nil
}

// marking is an admission plugin that marks what users make who have names like theirs.
type marking struct{ *admission.Handler }

func (marking) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if object, ok := a.GetObject().(metav1.Object); ok && a.GetUserInfo().GetName() == "alice" && a.GetSubresource() == "" && !strings.HasSuffix(a.GetResource().Group, ".k8s.io") {
		object.SetLabels(map[string]string{"made-by": "alice"})
	}
	return nil
}

func newMarking(context.Context, extension.File, *rest.Config) (admission.Interface, error) {
	return marking{admission.NewHandler(admission.Create)}, nil
}

// A project's own authenticator, authorizer and admission plugin stand in kube-apiserver's chains: those of users with tokens before
// service accounts', denials before roles, plugins before policies, for built-in types and the project's.
func TestOwnComponentsStandInTheChains(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, controlplane.Options{PKI: filepath.Join(dir, "pki")}, serve.Groups(), kubernetes.All(),
		extension.TokenAuthenticator(extension.Options{Name: "by-name"}, byName),
		extension.Authorizer(extension.Options{Name: "no-secrets"}, noSecrets),
		extension.Admission(extension.Options{Name: "marking"}, newMarking))
	namespace := c.namespace()
	with := func(token string) *clientset.Clientset {
		config := rest.AnonymousClientConfig(c.config)
		config.BearerToken = token
		return clientset.NewForConfigOrDie(config)
	}
	alice := with("own-alice")
	who, err := alice.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil || who.Status.UserInfo.Username != "alice" || fmt.Sprint(who.Status.UserInfo.Groups) != "[system:authenticated]" {
		t.Fatalf("alice is %+v, %v", who, err)
	}
	for _, token := range []string{"own-panic", "own-", "other"} {
		if _, err := with(token).CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{}); !apierrors.IsUnauthorized(err) {
			t.Errorf("token %s: %v", token, err)
		}
	}
	c.eventually("tokens of service accounts are good too", func() bool {
		account, err := c.CoreV1().ServiceAccounts(namespace).CreateToken(t.Context(), "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
		if err != nil {
			return false
		}
		_, err = with(account.Status.Token).CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
		return apierrors.IsForbidden(err)
	})

	if _, err := alice.CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("before there is a role: %v", err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "alice"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "alice"}},
	}
	if _, err := c.RbacV1().RoleBindings(namespace).Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.eventually("the role holds", func() bool {
		_, err := alice.CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{})
		return err == nil
	})
	for _, denied := range []struct{ verb, resource, reason string }{
		{"list", "secrets", "secrets are secret"},
		{"delete", "configmaps", "authorizer no-secrets panicked: nothing is deleted"},
	} {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: denied.verb, Resource: denied.resource, Namespace: namespace,
		}}}
		review, err := alice.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
		if err != nil || review.Status.Allowed || !review.Status.Denied || review.Status.Reason != denied.reason {
			t.Errorf("%s %s: %+v, %v", denied.verb, denied.resource, review.Status, err)
		}
	}
	if _, err := alice.CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "secrets are secret") {
		t.Errorf("what the role allows and the authorizer denies: %v", err)
	}
	if _, err := c.CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("the administrator: %v", err)
	}

	made, err := alice.CoreV1().ConfigMaps(namespace).Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "one"}}, metav1.CreateOptions{})
	if err != nil || made.Labels["made-by"] != "alice" {
		t.Errorf("of a built-in type: %v, %v", made, err)
	}
	body, err := alice.CoreV1().RESTClient().Post().AbsPath(fmt.Sprintf(robotsPath, namespace)).SetHeader("Content-Type", "application/json").Body([]byte(robot("one", ""))).DoRaw(t.Context())
	if err != nil || !strings.Contains(string(body), `"made-by":"alice"`) {
		t.Errorf("of the project's: %s, %v", body, err)
	}
}

// Upstream's flags know the plugins by name, and a name of upstream's is not to be had.
func TestOwnPluginsAreKnownToFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	marks := extension.Admission(extension.Options{Name: "marking"}, func(context.Context, extension.File, *rest.Config) (admission.Interface, error) {
		t.Error("made although a flag leaves it out")
		return marking{admission.NewHandler(admission.Create)}, nil
	})
	start(t, controlplane.Options{PKI: filepath.Join(dir, "pki"), APIServerArgs: []string{"--disable-admission-plugins=marking"}}, kubernetes.All(), marks)
	_, err := controlplane.Start(t.Context(), controlplane.Options{}, kubernetes.All(), extension.Admission(extension.Options{Name: "NamespaceLifecycle"}, newMarking))
	if err == nil || !strings.Contains(err.Error(), "admission plugin NamespaceLifecycle: the built-in API has one of that name") {
		t.Errorf("a name of upstream's: %v", err)
	}
}
