package authentication

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"

	"github.com/kubecraft/kubecraft/runtime/internal/guard"
)

// Guard lets an authenticator of a project's own do no worse than to know nobody: one that panics, that does not answer within timeout
// (10 seconds if it is 0) or that says yes and names nobody fails, and others are asked. What it says together with an error
// does not count either. Each cause is logged once.
//
// It sees a copy of the request without the body, since one that hangs may go on with it. What it takes out of the headers, as upstream's
// take out tokens, is taken out of the request if it says yes.
func Guard(name string, timeout time.Duration, of authenticator.Request) authenticator.Request {
	return &guarded{guard.New("authenticator "+name, timeout), of}
}

type guarded struct {
	guard *guard.Guard
	of    authenticator.Request
}

// said is an authenticator's answer.
type said struct {
	response *authenticator.Response
	header   http.Header
	ok       bool
}

// AuthenticateRequest implements authenticator.Request.
func (g *guarded) AuthenticateRequest(req *http.Request) (*authenticator.Response, bool, error) {
	copied := req.Clone(req.Context())
	copied.Body = http.NoBody
	answer, err := guard.Call(req.Context(), g.guard, func(ctx context.Context) (said, error) {
		own := copied.WithContext(ctx)
		response, ok, err := g.of.AuthenticateRequest(own)
		return said{response, own.Header, ok}, err
	})
	response, ok, err := answer.checked(g.guard, err)
	if ok {
		req.Header = answer.header
	}
	return response, ok, err
}

// GuardToken is Guard for an authenticator that looks at tokens alone.
func GuardToken(name string, timeout time.Duration, of authenticator.Token) authenticator.Token {
	g := guard.New("authenticator "+name, timeout)
	return authenticator.TokenFunc(func(ctx context.Context, token string) (*authenticator.Response, bool, error) {
		answer, err := guard.Call(ctx, g, func(ctx context.Context) (said, error) {
			response, ok, err := of.AuthenticateToken(ctx, token)
			return said{response: response, ok: ok}, err
		})
		return answer.checked(g, err)
	})
}

// checked returns the answer if it names somebody.
func (s said) checked(g *guard.Guard, err error) (*authenticator.Response, bool, error) {
	if err != nil {
		if _, failed := errors.AsType[*guard.Failure](err); !failed {
			g.Note(err)
		}
		return nil, false, err
	}
	if !s.ok {
		return nil, false, nil
	}
	if s.response == nil || isNil(s.response.User) || s.response.User.GetName() == "" {
		return nil, false, g.Fail("says yes and names no user")
	}
	return s.response, true, nil
}

// isNil says whether there is nothing in an interface, or a pointer to nothing.
func isNil(of any) bool {
	value := reflect.ValueOf(of)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}
