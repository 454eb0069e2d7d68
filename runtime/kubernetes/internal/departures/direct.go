package departures

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/audit"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	genericapifilters "k8s.io/apiserver/pkg/endpoints/filters"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericfilters "k8s.io/apiserver/pkg/server/filters"
	"k8s.io/client-go/transport"
)

// Direct says how requests of one object that the server makes of itself are answered: by the handler of the object's resource, at once,
// without what k8s.io/apiserver/pkg/server/config.go:1043 (DefaultBuildHandlerChain) puts before it. Who asks is known, may do
// anything and waits in no queue, so that all of it would be looked up to no end: a third of what a controller's write costs.
// Admission, validation, managed fields and metrics of requests are the handler's, and stay; so do warnings, and what becomes of a panic.
//
// config is that of the first server in the chain. It is not for servers whose requests are audited or traced, or that have more in their
// chain than others (k8s.io/kubernetes/pkg/controlplane/apiserver/aggregator.go:71).
func Direct(config *genericapiserver.Config, handler http.Handler) func(*http.Request) http.Handler {
	d := &direct{
		handler:       handler,
		resolver:      genericapiserver.NewRequestInfoResolver(config),
		longRunning:   config.LongRunningFunc,
		timeout:       config.RequestTimeout,
		authorization: "Bearer " + config.LoopbackClientConfig.BearerToken,
		authenticator: config.Authentication.Authenticator,
	}
	answer := genericapifilters.WithWarningRecorder(http.HandlerFunc(d.answer))
	d.whole = genericfilters.WithPanicRecovery(answer, d.resolver)
	return d.handlerOf
}

type direct struct {
	handler     http.Handler
	resolver    genericapirequest.RequestInfoResolver
	longRunning genericapirequest.LongRunningRequestCheck
	timeout     time.Duration
	// authorization is the header of the server's requests of itself.
	authorization string
	authenticator authenticator.Request
	whole         http.Handler
	once          sync.Once
	user          user.Info
}

// self is who the server is to itself.
func (d *direct) self(req *http.Request) user.Info {
	d.once.Do(func() {
		if response, ok, err := d.authenticator.AuthenticateRequest(req.Clone(req.Context())); err == nil && ok {
			d.user = response.User
		}
	})
	return d.user
}

// handlerOf returns nil for a request that is to go the long way: of others than the server, of several objects, of streams.
func (d *direct) handlerOf(req *http.Request) http.Handler {
	if req.Header.Get("Authorization") != d.authorization || req.Header.Get(transport.ImpersonateUserHeader) != "" {
		return nil
	}
	info, err := d.resolver.NewRequestInfo(req)
	if err != nil || !info.IsResourceRequest || d.longRunning(req, info) ||
		!slices.Contains([]string{"create", "get", "update", "patch", "delete"}, info.Verb) {
		return nil
	}
	self := d.self(req)
	if self == nil {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ctx := audit.WithAuditContext(req.Context())
		ctx = genericapirequest.WithReceivedTimestamp(ctx, time.Now())
		ctx = genericapirequest.WithRequestInfo(ctx, info)
		ctx = genericapirequest.WithLatencyTrackers(ctx)
		ctx = genericapirequest.WithUser(ctx, self)
		d.whole.ServeHTTP(w, req.WithContext(ctx))
	})
}

// answer calls the handler with what the filters would leave it. The token is not among that: the aggregator passes headers on to servers of
// other people's.
func (d *direct) answer(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), d.timeout)
	defer cancel()
	req = req.WithContext(ctx)
	req.Header.Del("Authorization")
	d.handler.ServeHTTP(w, req)
}
