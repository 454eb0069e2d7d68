package extension

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/token/cache"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	authorizerunion "k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/client-go/rest"

	own "github.com/kubecraft/kubecraft/runtime/admission"
	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/authentication"
	"github.com/kubecraft/kubecraft/runtime/authorization"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// Authenticator returns the part that asks an authenticator of the project's own who a request is from: after client certificates, and
// before those of the whole built-in API. newAuthenticator's context ends when another takes the place of what it returns, or with the server.
// A call of newAuthenticator that panics, or takes longer than 30 seconds, has failed. authentication.Guard says what becomes of an authenticator
// that panics, hangs, or names nobody.
func Authenticator(o Options, newAuthenticator func(context.Context, File) (authenticator.Request, error)) controlplane.Optional {
	return &authenticatorPart{part{Options: o}, newAuthenticator}
}

type authenticatorPart struct {
	part
	make func(context.Context, File) (authenticator.Request, error)
}

// Apply implements controlplane.Part.
func (p *authenticatorPart) Apply(c *controlplane.Config) error {
	r := newReloaded(c, p.part, "authenticator", p.make)
	c.Authenticators = append(c.Authenticators, authentication.Guard(r.Options.Name, r.Timeout, authenticator.RequestFunc(
		func(req *http.Request) (*authenticator.Response, bool, error) {
			if current, ok := r.get(); ok {
				return current.AuthenticateRequest(req)
			}
			return nil, false, nil
		})))
	return r.start()
}

// TokenAuthenticator is Authenticator for one that looks at bearer tokens alone. What it knows is taken out of the request.
func TokenAuthenticator(o Options, newAuthenticator func(context.Context, File) (authenticator.Token, error)) controlplane.Optional {
	return &tokenPart{part{Options: o}, newAuthenticator}
}

type tokenPart struct {
	part
	make func(context.Context, File) (authenticator.Token, error)
}

// Apply implements controlplane.Part.
func (p *tokenPart) Apply(c *controlplane.Config) error {
	r := newReloaded(c, p.part, "authenticator", p.make)
	guarded := authentication.GuardToken(r.Options.Name, r.Timeout, authenticator.TokenFunc(
		func(ctx context.Context, token string) (*authenticator.Response, bool, error) {
			if current, ok := r.get(); ok {
				return current.AuthenticateToken(ctx, token)
			}
			return nil, false, nil
		}))
	if r.Remember > 0 {
		guarded = remember(r, guarded)
	}
	c.Authenticators = append(c.Authenticators, bearertoken.New(guarded))
	return r.start()
}

// remember returns what remembers whom a guarded authenticator has known, until another is in place: in front of the guard, so that no
// call is needed. What was asked of the one before goes into what was remembered then.
func remember(r *reloaded[authenticator.Token], guarded authenticator.Token) authenticator.Token {
	var remembered atomic.Pointer[authenticator.Token]
	r.used = func() {
		forgotten := cache.New(guarded, false, r.Remember, 0)
		remembered.Store(&forgotten)
	}
	r.used()
	return authenticator.TokenFunc(func(ctx context.Context, token string) (*authenticator.Response, bool, error) {
		return (*remembered.Load()).AuthenticateToken(ctx, token)
	})
}

// Authorizer returns the part that asks an authorizer of the project's own what a user may do: after the group system:masters, which may do
// everything, and before roles. Of several the first one decides that allows or denies. newAuthorizer is called as that of
// Authenticator is. authorization.Guard says what becomes of one that panics, hangs or errs.
func Authorizer(o Options, newAuthorizer func(context.Context, File) (authorizer.UnconditionalAuthorizer, error)) controlplane.Optional {
	return &authorizerPart{part{Options: o}, newAuthorizer}
}

type authorizerPart struct {
	part
	make func(context.Context, File) (authorizer.UnconditionalAuthorizer, error)
}

// Apply implements controlplane.Part.
func (p *authorizerPart) Apply(c *controlplane.Config) error {
	r := newReloaded(c, p.part, "authorizer", p.make)
	c.Authorizers = append(c.Authorizers, authorizerunion.NamedAuthorizer{
		AuthorizerName: r.Options.Name,
		Authorizer:     authorization.Guard(r.Options.Name, r.Timeout, reloadedAuthorizer{r}),
	})
	return r.start()
}

type reloadedAuthorizer struct {
	*reloaded[authorizer.UnconditionalAuthorizer]
}

// Authorize implements authorizer.UnconditionalAuthorizer.
func (r reloadedAuthorizer) Authorize(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if current, ok := r.get(); ok {
		return current.Authorize(ctx, a)
	}
	return authorizer.DecisionNoOpinion, "", nil
}

// Admission returns the part that has an admission plugin of the project's own change and check what is written, of whatever type. It
// implements admission.MutationInterface, admission.ValidationInterface or both: those that change are asked first, in the order in
// which the parts are listed, and those that check what has come of it then. Objects are in their internal version, whichever the client
// speaks.
//
// With the whole built-in API its plugins stand before MutatingAdmissionPolicy: after kube-apiserver's own, and before policies,
// webhooks and quotas, as upstream asks of compiled-in ones (k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go).
//
// newPlugin's client is the server's own, which answers once it runs; it is called as that of Authenticator is. Guard of runtime/admission says
// what becomes of a plugin that panics, hangs or errs.
func Admission(o Options, newPlugin func(context.Context, File, *rest.Config) (admission.Interface, error)) controlplane.Optional {
	return &admissionPart{part{Options: o}, newPlugin}
}

type admissionPart struct {
	part
	make func(context.Context, File, *rest.Config) (admission.Interface, error)
}

// Apply implements controlplane.Part.
func (p *admissionPart) Apply(c *controlplane.Config) error {
	var client *rest.Config
	r := newReloaded(c, p.part, "admission plugin", func(ctx context.Context, file File) (admission.Interface, error) {
		plugin, err := p.make(ctx, file, rest.CopyConfig(client))
		_, changes := plugin.(admission.MutationInterface)
		_, checks := plugin.(admission.ValidationInterface)
		if err == nil && plugin != nil && !changes && !checks {
			return nil, fmt.Errorf("%T has neither Admit nor Validate, as admission.MutationInterface and admission.ValidationInterface say", plugin)
		}
		return plugin, err
	})
	c.Admission = append(c.Admission, apiserver.AdmissionPlugin{
		Name: r.Options.Name,
		New: func(loopback *rest.Config) (admission.Interface, error) {
			client = loopback
			return own.Guard(r.Options.Name, r.Timeout, reloadedPlugin{r}), r.start()
		},
	})
	return nil
}

type reloadedPlugin struct {
	*reloaded[admission.Interface]
}

var (
	_ admission.MutationInterface   = reloadedPlugin{}
	_ admission.ValidationInterface = reloadedPlugin{}
)

// Handles implements admission.Interface.
func (r reloadedPlugin) Handles(operation admission.Operation) bool {
	current, ok := r.get()
	return ok && current.Handles(operation)
}

// Admit implements admission.MutationInterface.
func (r reloadedPlugin) Admit(ctx context.Context, a admission.Attributes, o admission.ObjectInterfaces) error {
	current, _ := r.get()
	if plugin, ok := current.(admission.MutationInterface); ok {
		return plugin.Admit(ctx, a, o)
	}
	return nil
}

// Validate implements admission.ValidationInterface.
func (r reloadedPlugin) Validate(ctx context.Context, a admission.Attributes, o admission.ObjectInterfaces) error {
	current, _ := r.get()
	if plugin, ok := current.(admission.ValidationInterface); ok {
		return plugin.Validate(ctx, a, o)
	}
	return nil
}
