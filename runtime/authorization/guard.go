package authorization

import (
	"context"
	"errors"
	"time"

	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/kubecraft/kubecraft/runtime/internal/guard"
)

// Guard lets an authorizer of a project's own do no worse than to deny: one that panics, that does not answer within timeout (10 seconds if
// it is 0), that errs or whose decision is none denies the request, whatever those say that would be asked after it. The reason says
// why, and each cause is logged once.
//
// Upstream lets an authorizer err and allow (k8s.io/apiserver/pkg/endpoints/filters/authorization.go), as RBAC does with roles
// that are not there. One that can say nothing certain about a request returns no opinion and no error.
func Guard(name string, timeout time.Duration, of authorizer.UnconditionalAuthorizer) authorizer.Authorizer {
	return &guarded{guard.New("authorizer "+name, timeout), of}
}

type guarded struct {
	guard *guard.Guard
	of    authorizer.UnconditionalAuthorizer
}

// said is an authorizer's answer.
type said struct {
	decision authorizer.Decision
	reason   string
}

// Authorize implements authorizer.Authorizer.
func (g *guarded) Authorize(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	answer, err := guard.Call(ctx, g.guard, func(ctx context.Context) (said, error) {
		decision, reason, err := g.of.Authorize(ctx, a)
		return said{decision, reason}, err
	})
	if err != nil {
		if _, failed := errors.AsType[*guard.Failure](err); !failed {
			g.guard.Note(err)
		}
		return authorizer.DecisionDeny, err.Error(), nil
	}
	switch answer.decision {
	case authorizer.DecisionAllow, authorizer.DecisionDeny, authorizer.DecisionNoOpinion:
		return answer.decision, answer.reason, nil
	}
	return authorizer.DecisionDeny, g.guard.Fail("has made a decision that there is not: %d", answer.decision).Error(), nil
}

// ConditionsAwareAuthorize implements authorizer.Authorizer.
func (g *guarded) ConditionsAwareAuthorize(ctx context.Context, a authorizer.Attributes) authorizer.ConditionsAwareDecision {
	return authorizer.ConditionsAwareDecisionFromParts(g.Authorize(ctx, a))
}

// EvaluateConditions implements authorizer.Authorizer: there are no conditions.
func (*guarded) EvaluateConditions(context.Context, authorizer.ConditionsAwareDecision, authorizer.ConditionsData) (authorizer.Decision, string, error) {
	return authorizer.DecisionDeny, "", authorizer.ErrorConditionEvaluationNotSupported
}
