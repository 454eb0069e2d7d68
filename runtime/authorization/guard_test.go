package authorization

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/klog/v2"
)

func TestGuardedAuthorizersDeny(t *testing.T) {
	klog.SetLogger(logr.Discard())
	t.Cleanup(klog.ClearLogger)
	release := make(chan struct{})
	defer close(release)
	own := Guard("rules", 50*time.Millisecond, authorizer.AuthorizerFunc(func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
		switch a.GetVerb() {
		case "allow":
			return authorizer.DecisionAllow, "", nil
		case "deny":
			return authorizer.DecisionDeny, "for a reason", nil
		case "err":
			return authorizer.DecisionAllow, "", errors.New("the directory is down")
		case "err-no-opinion":
			return authorizer.DecisionNoOpinion, "", errors.New("the directory is down")
		case "panic":
			panic("no rules")
		case "hang":
			<-release
			return authorizer.DecisionAllow, "", nil
		case "other":
			return authorizer.Decision(7), "", nil
		}
		return authorizer.DecisionNoOpinion, "nothing about it", nil
	}))
	// Whoever is asked next lets everything pass.
	last := authorizer.AuthorizerFunc(func(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
		return authorizer.DecisionAllow, "", nil
	})
	chain, err := union.New(union.NamedAuthorizer{Authorizer: own, AuthorizerName: "rules"}, union.NamedAuthorizer{Authorizer: last, AuthorizerName: "last"})
	if err != nil {
		t.Fatal(err)
	}
	for verb, want := range map[string]string{
		"allow": "", "none": "", "deny": "for a reason", "err": "the directory is down", "err-no-opinion": "the directory is down",
		"panic": "authorizer rules panicked: no rules", "hang": "authorizer rules did not answer within 50ms", "other": "a decision that there is not: 7",
	} {
		decision, reason, err := chain.Authorize(t.Context(), authorizer.AttributesRecord{Verb: verb})
		if allowed := decision == authorizer.DecisionAllow; err != nil || allowed != (want == "") || !strings.Contains(reason, want) {
			t.Errorf("%s: %v, %q, %v", verb, decision, reason, err)
		}
		if with := chain.ConditionsAwareAuthorize(t.Context(), authorizer.AttributesRecord{Verb: verb}); with.IsDeny() != (want != "") && !with.IsUnion() {
			t.Errorf("%s, asked for conditions: %v", verb, with)
		}
	}
}

func TestBasicIsForThoseWhoAreKnown(t *testing.T) {
	known := &user.DefaultInfo{Name: "joe", Groups: []string{user.AllAuthenticated}}
	review := authorizer.AttributesRecord{User: known, ResourceRequest: true, Verb: "create", APIGroup: "authorization.k8s.io", Resource: "selfsubjectaccessreviews"}
	of := func(change func(*authorizer.AttributesRecord)) authorizer.AttributesRecord {
		changed := review
		change(&changed)
		return changed
	}
	path := func(verb, path string) authorizer.AttributesRecord {
		return authorizer.AttributesRecord{User: known, Verb: verb, Path: path}
	}
	for name, asked := range map[string]struct {
		attributes authorizer.AttributesRecord
		want       authorizer.Decision
	}{
		"what he may do":     {review, authorizer.DecisionAllow},
		"what others may do": {of(func(a *authorizer.AttributesRecord) { a.Resource = "subjectaccessreviews" }), authorizer.DecisionNoOpinion},
		"a stranger":         {of(func(a *authorizer.AttributesRecord) { a.User = &user.DefaultInfo{Name: "joe"} }), authorizer.DecisionNoOpinion},
		"nobody":             {of(func(a *authorizer.AttributesRecord) { a.User = nil }), authorizer.DecisionNoOpinion},
		"discovery":          {path("get", "/apis/example/v1"), authorizer.DecisionAllow},
		"more than it":       {path("post", "/apis"), authorizer.DecisionNoOpinion},
		"another path":       {path("get", "/metrics"), authorizer.DecisionNoOpinion},
		"one that begins so": {path("get", "/apisecrets"), authorizer.DecisionNoOpinion},
	} {
		if got, _, err := Basic().Authorize(t.Context(), asked.attributes); got != asked.want || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
