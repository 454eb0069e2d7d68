package departures

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	genericapiserver "k8s.io/apiserver/pkg/server"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/pkg/controlplane/controller/defaultservicecidr"
	rbacrest "k8s.io/kubernetes/pkg/registry/rbac/rest"
	schedulingrest "k8s.io/kubernetes/pkg/registry/scheduling/rest"
)

// serviceCIDRHook is a name of upstream's: k8s.io/kubernetes/pkg/controlplane/instance.go:379.
const serviceCIDRHook = "start-kubernetes-service-cidr-controller"

// Hooks stand for post start hooks of upstream's that make /readyz wait for what Bootstrap has written by then: a second
// for the roles and the priority classes, a tenth for the service range. They run all the same, but nobody waits.
type Hooks struct {
	Client clientset.Interface
	// PrimaryRange and SecondaryRange are of services' addresses; the second may be empty.
	PrimaryRange, SecondaryRange net.IPNet
}

// Disable keeps upstream's from being added to a server of this configuration.
func (h Hooks) Disable(kube *genericapiserver.Config) {
	disabled := kube.DisabledPostStartHooks.Union(nil) // the set is shared with the other servers in the chain
	disabled.Insert(rbacrest.PostStartHookName, schedulingrest.PostStartHookName, serviceCIDRHook)
	kube.DisabledPostStartHooks = disabled
}

// Add adds them to the first server in the chain, under the names that upstream's have in /readyz?verbose.
func (h Hooks) Add(front *genericapiserver.GenericAPIServer) error {
	for _, provider := range []genericapiserver.PostStartHookProvider{rbacrest.RESTStorageProvider{}, schedulingrest.RESTStorageProvider{}} {
		name, hook, err := provider.PostStartHook()
		if err != nil {
			return err
		}
		if err := front.AddPostStartHook(name, inBackground(name, hook)); err != nil {
			return err
		}
	}
	return front.AddPostStartHook(serviceCIDRHook, inBackground(serviceCIDRHook, func(ctx genericapiserver.PostStartHookContext) error {
		defaultservicecidr.NewController(h.PrimaryRange, h.SecondaryRange, h.Client).Start(ctx)
		return nil
	}))
}

// inBackground makes a hook that lets its server get ready meanwhile, and ends with it.
func inBackground(name string, hook genericapiserver.PostStartHookFunc) genericapiserver.PostStartHookFunc {
	return func(ctx genericapiserver.PostStartHookContext) error {
		ctx.LoopbackClientConfig = rest.CopyConfig(ctx.LoopbackClientConfig)
		ctx.LoopbackClientConfig.Wrap(func(next http.RoundTripper) http.RoundTripper { return untilDone{ctx, next} })
		go func() {
			defer utilruntime.HandleCrash()
			if err := hook(ctx); err != nil && ctx.Err() == nil {
				utilruntime.HandleError(fmt.Errorf("%s: %w", name, err))
			}
		}()
		return nil
	}
}

// untilDone makes requests until ctx ends; a goroutine that makes one later is ended. The hooks try again for half a minute
// whatever has become of their server (k8s.io/kubernetes/pkg/registry/rbac/rest/storage_rbac.go:166), and would hold all of one
// that has stopped for as long.
type untilDone struct {
	ctx  context.Context
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (u untilDone) RoundTrip(req *http.Request) (*http.Response, error) {
	if u.ctx.Err() != nil {
		runtime.Goexit()
	}
	return u.next.RoundTrip(req)
}
