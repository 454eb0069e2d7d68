package departures

import (
	"context"
	"net/http"
	"slices"
	"time"

	"k8s.io/apiserver/pkg/audit"
	"k8s.io/apiserver/pkg/authentication/user"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/transport"
)

// Direct says how requests of one object that the server makes of itself are answered: by the handler of the object's resource, at once,
// with nothing of what k8s.io/apiserver/pkg/server/config.go:1043 (DefaultBuildHandlerChain) puts before it. Who asks is known, may
// do anything and waits in no queue, so that all of it would be looked up to no end: a third of what a controller's write costs. Admission,
// validation, managed fields and metrics of requests are the handler's, and stay.
//
// It is not for servers whose requests are audited or traced.
func Direct(config *genericapiserver.Config, handler http.Handler) func(*http.Request) http.Handler {
	d := &direct{
		handler:       handler,
		resolver:      genericapiserver.NewRequestInfoResolver(config),
		longRunning:   config.LongRunningFunc,
		timeout:       config.RequestTimeout,
		authorization: "Bearer " + config.LoopbackClientConfig.BearerToken,
		self:          &user.DefaultInfo{Name: user.APIServerUser, Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}},
	}
	return d.handlerOf
}

type direct struct {
	handler     http.Handler
	resolver    genericapirequest.RequestInfoResolver
	longRunning genericapirequest.LongRunningRequestCheck
	timeout     time.Duration
	// authorization is the header of the server's requests of itself.
	authorization string
	self          user.Info
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
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ctx := audit.WithAuditContext(req.Context())
		ctx = genericapirequest.WithReceivedTimestamp(ctx, time.Now())
		ctx = genericapirequest.WithRequestInfo(ctx, info)
		ctx = genericapirequest.WithLatencyTrackers(ctx)
		ctx = genericapirequest.WithUser(ctx, d.self)
		ctx, cancel := context.WithTimeout(ctx, d.timeout)
		defer cancel()
		req = req.WithContext(ctx)
		req.Header.Del("Authorization") // as the authentication filter does
		d.handler.ServeHTTP(w, req)
	})
}
