package rules

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	client "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/extension"
	"github.com/kubecraft/kubecraft/runtime/testenv"

	"example.com/demo/pkg/apiserver"
)

// canI asks as kubectl auth can-i does.
func canI(ctx context.Context, config *rest.Config, verb, name string) (authorizationv1.SubjectAccessReviewStatus, error) {
	review, err := client.NewForConfigOrDie(config).SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: verb, Group: "things.example.com", Version: "v1", Resource: "things", Namespace: "default", Name: name,
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		return authorizationv1.SubjectAccessReviewStatus{}, err
	}
	return review.Status, nil
}

// do asks for a thing, or for it to be deleted, or all where there is no name. There are none: who may is told that it is not found.
func do(ctx context.Context, config *rest.Config, verb, name string) error {
	path := "/apis/things.example.com/v1/namespaces/default/things/" + name
	request := client.NewForConfigOrDie(config).RESTClient().Get()
	if strings.HasPrefix(verb, "delete") {
		request = client.NewForConfigOrDie(config).RESTClient().Delete()
	}
	return request.AbsPath(path).Do(ctx).Error()
}

// What users can do is what they are told that they can, and what the rules say that are in the file now.
func TestAuthorizer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`rules:
- {effect: Allow, users: [alice], verbs: [get, list, delete, deletecollection], resources: [things], apiGroups: [things.example.com]}
- {effect: Allow, groups: [viewers], verbs: [get], resources: ["*"]}
- {effect: Deny, users: ["*"], verbs: [delete], resources: ["*"], names: [last], reason: it is the last one}
`)
	env := testenv.Start(t, apiserver.Groups(), extension.Authorizer(extension.Options{Name: Name, File: file}, newAuthorizer))
	alice, bob, carol := env.User("alice"), env.User("bob", "viewers"), env.User("carol")
	for _, c := range []struct {
		who        *rest.Config
		verb, name string
		denied     string // the reason; empty if it is allowed
	}{
		{alice, "get", "first", ""},
		{alice, "delete", "first", ""},
		{alice, "delete", "last", "denied by the rule at rules.yaml:4: it is the last one"},
		{alice, "deletecollection", "", "denied by the rule at rules.yaml:4: it is the last one"},
		{alice, "list", "", ""},
		{bob, "get", "first", ""},
		{bob, "delete", "first", "rules: no rule allows it"},
		{carol, "get", "first", "rules: no rule allows it"},
	} {
		status, err := canI(t.Context(), c.who, c.verb, c.name)
		if err != nil || status.Allowed != (c.denied == "") || c.denied != "" && status.Reason != c.denied {
			t.Errorf("%s %s: %+v, %v", c.verb, c.name, status, err)
		}
		err = do(t.Context(), c.who, c.verb, c.name)
		if allowed := apierrors.IsNotFound(err); allowed != status.Allowed || !allowed && (!apierrors.IsForbidden(err) || !strings.Contains(err.Error(), c.denied)) {
			t.Errorf("%s %s: %v", c.verb, c.name, err)
		}
	}

	write("rules:\n- {effect: Allow, users: [carol], verbs: [get], resources: [things]}\n")
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if status, err := canI(t.Context(), carol, "get", "first"); err == nil && status.Allowed {
			break
		} else if time.Since(begin) > time.Minute {
			t.Fatalf("carol, of whom a rule is now: %+v, %v", status, err)
		}
	}
	if err := do(t.Context(), alice, "get", "first"); !apierrors.IsForbidden(err) {
		t.Errorf("alice, of whom none is any more: %v", err)
	}
}

// decide says what rules say about a request.
func decide(t *testing.T, content []byte, group, verb, resource, namespace, name string) authorizer.Decision {
	t.Helper()
	set, err := parse(extension.File{Name: "rules.yaml", Content: content})
	if err != nil {
		t.Fatal(err)
	}
	resource, subresource, _ := strings.Cut(resource, "/")
	decision, _, err := set.Authorize(t.Context(), authorizer.AttributesRecord{
		User: &user.DefaultInfo{Name: "alice", Groups: []string{group}}, ResourceRequest: true,
		Verb: verb, Resource: resource, Subresource: subresource, Namespace: namespace, Name: name,
	})
	if err != nil {
		t.Fatal(err)
	}
	return decision
}

// What a rule denies cannot be had by naming less.
func TestDeny(t *testing.T) {
	for _, c := range []struct {
		rule, verb, namespace, name string
		denied                      bool
	}{
		{`groups: ["*"], verbs: [delete]`, "delete", "prod", "a", true},
		{`groups: ["*"], verbs: [delete]`, "deletecollection", "prod", "", true},
		{`groups: [others], verbs: [delete]`, "delete", "prod", "a", false},
		{`users: [alice], verbs: ["*"], namespaces: [prod]`, "list", "prod", "", true},
		{`users: [alice], verbs: ["*"], namespaces: [prod]`, "list", "", "", true},
		{`users: [alice], verbs: ["*"], namespaces: [prod]`, "watch", "", "", true},
		{`users: [alice], verbs: ["*"], namespaces: [prod]`, "deletecollection", "", "", true},
		{`users: [alice], verbs: ["*"], namespaces: [prod]`, "list", "dev", "", false},
		{`users: [alice], verbs: ["*"], namespaces: [prod]`, "get", "", "a", false}, // has no namespace
		{`users: [alice], verbs: [get, list, watch, create], names: [last]`, "get", "prod", "first", false},
		{`users: [alice], verbs: [get, list, watch, create], names: [last]`, "list", "prod", "last", true}, // by a field selector
		{`users: [alice], verbs: [get, list, watch, create], names: [last]`, "list", "prod", "first", false},
		{`users: [alice], verbs: [get, list, watch, create], names: [last]`, "list", "prod", "", true},
		{`users: [alice], verbs: [get, list, watch, create], names: [last]`, "watch", "prod", "", true},
		{`users: [alice], verbs: [get, list, watch, create], names: [last]`, "create", "prod", "", true},
		{`users: [alice], verbs: [delete], names: [last]`, "deletecollection", "prod", "", true},
		{`users: [alice], verbs: [delete], names: [last]`, "list", "prod", "", false},
	} {
		content := "rules:\n- {effect: Allow, users: [alice], verbs: [\"*\"], resources: [\"*\"]}\n- {effect: Deny, resources: [things], " + c.rule + "}\n"
		want := authorizer.DecisionAllow
		if c.denied {
			want = authorizer.DecisionDeny
		}
		if got := decide(t, []byte(content), "some", c.verb, "things", c.namespace, c.name); got != want {
			t.Errorf("%s: %s of namespace %q, name %q: %v", c.rule, c.verb, c.namespace, c.name, got)
		}
	}
	// What is allowed is not more than it says.
	allow := "rules:\n- {effect: Allow, users: [alice], verbs: [delete, list], resources: [things], namespaces: [prod], names: [last]}\n"
	for _, verb := range []string{"list", "deletecollection"} {
		if got := decide(t, []byte(allow), "some", verb, "things", "", ""); got != authorizer.DecisionNoOpinion {
			t.Errorf("%s of all: %v", verb, got)
		}
	}
}

// The rules that are there at first cannot be got around with those of the whole built-in API.
func TestFirstRules(t *testing.T) {
	for _, c := range []struct {
		group, verb, resource, namespace string
		want                             authorizer.Decision
	}{
		{"developers", "create", "secrets", "default", authorizer.DecisionAllow},
		{"developers", "get", "secrets", "default", authorizer.DecisionAllow},
		{"developers", "list", "things", "", authorizer.DecisionAllow},
		{"developers", "delete", "things", "default", authorizer.DecisionDeny},
		{"developers", "create", "serviceaccounts", "default", authorizer.DecisionAllow},
		{"developers", "create", "serviceaccounts/token", "default", authorizer.DecisionDeny},
		{"developers", "create", "secrets", "kube-system", authorizer.DecisionDeny},
		{"developers", "create", "pods", "kube-system", authorizer.DecisionDeny},
		{"viewers", "create", "serviceaccounts/token", "default", authorizer.DecisionDeny},
		{"viewers", "get", "things", "default", authorizer.DecisionAllow},
		{"viewers", "get", "secrets", "default", authorizer.DecisionDeny},
		{"viewers", "list", "secrets", "", authorizer.DecisionDeny},
		{"viewers", "get", "pods", "default", authorizer.DecisionAllow},
		{"viewers", "get", "pods/log", "default", authorizer.DecisionAllow},
		{"viewers", "get", "pods/attach", "default", authorizer.DecisionDeny},
		{"viewers", "get", "pods/exec", "default", authorizer.DecisionDeny},
		{"viewers", "create", "pods/exec", "default", authorizer.DecisionDeny},
		{"viewers", "get", "pods/portforward", "default", authorizer.DecisionDeny},
		{"viewers", "get", "pods/proxy", "default", authorizer.DecisionDeny},
		{"viewers", "get", "services/proxy", "default", authorizer.DecisionDeny},
		{"viewers", "get", "nodes/proxy", "", authorizer.DecisionDeny},
		{"developers", "create", "pods/exec", "default", authorizer.DecisionAllow},
		{"developers", "get", "pods/portforward", "default", authorizer.DecisionAllow},
		{"developers", "get", "pods/log", "kube-system", authorizer.DecisionAllow},
		{"developers", "get", "pods/exec", "kube-system", authorizer.DecisionDeny},
		{"developers", "get", "pods/attach", "kube-system", authorizer.DecisionDeny},
		{"developers", "get", "pods/portforward", "kube-system", authorizer.DecisionDeny},
		{"developers", "get", "pods/proxy", "kube-system", authorizer.DecisionDeny},
		{"developers", "get", "services/proxy", "kube-system", authorizer.DecisionDeny},
		{"developers", "get", "nodes/proxy", "", authorizer.DecisionDeny},
		{"developers", "create", "nodes/proxy", "", authorizer.DecisionDeny},
	} {
		if got := decide(t, rules, c.group, c.verb, c.resource, c.namespace, ""); got != c.want {
			t.Errorf("%s %s %s in %q: %v", c.group, c.verb, c.resource, c.namespace, got)
		}
	}
}

func TestRulesThatAreWritten(t *testing.T) {
	if _, err := parse(extension.File{Name: "rules.yaml", Content: rules}); err != nil {
		t.Error(err)
	}
	for content, want := range map[string]string{
		"":                         "rules.yaml: is empty",
		"rules:\n- {effect: Alow}": "rules.yaml:2: the rule's effect is \"Alow\"",
		"rules:\n\n- {effect: Deny, verbs: [get], paths: [/a]}":                                          "rules.yaml:3: the rule is of nobody",
		"rules:\n- {effect: Deny, users: [a], paths: [/a]}":                                              "rules.yaml:2: the rule has no verbs",
		"rules:\n- {effect: Deny, users: [a], verbs: [get]}":                                             "rules.yaml:2: the rule must have either",
		"rules:\n- {effect: Deny, users: [a], verbs: [get], paths: [/a]}\n- effect: Deny\n  verb: [get]": "rules.yaml:4: field verb not found",
	} {
		if _, err := parse(extension.File{Name: "rules.yaml", Content: []byte(content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}
