package departures

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/pkg/controlplane/controller/defaultservicecidr"
	flowcontrolrest "k8s.io/kubernetes/pkg/registry/flowcontrol/rest"
	rbacrest "k8s.io/kubernetes/pkg/registry/rbac/rest"
	schedulingrest "k8s.io/kubernetes/pkg/registry/scheduling/rest"
)

// serviceCIDRHook is a name of upstream's: k8s.io/kubernetes/pkg/controlplane/instance.go:379.
const serviceCIDRHook = "start-kubernetes-service-cidr-controller"

// Hooks stand for post start hooks of upstream's. Those that make /readyz wait for what Bootstrap has written by then, a second
// for the roles and the priority classes, a tenth for the service range, run all the same, but nobody waits. That of priority
// and fairness fails when it is cut off, and upstream ends the process with it (k8s.io/apiserver/pkg/server/hooks.go:203).
type Hooks struct {
	Client clientset.Interface
	// Informers are those of the server whose hooks these are.
	Informers informers.SharedInformerFactory
	// Resources says which groups are served: upstream has no hooks of others.
	Resources serverstorage.APIResourceConfigSource
	// PrimaryRange and SecondaryRange are of services' addresses; the second may be empty.
	PrimaryRange, SecondaryRange net.IPNet
}

// Disable keeps upstream's from being added to a server of this configuration.
func (h Hooks) Disable(kube *genericapiserver.Config) {
	disabled := kube.DisabledPostStartHooks.Union(nil) // the set is shared with the other servers in the chain
	disabled.Insert(rbacrest.PostStartHookName, schedulingrest.PostStartHookName, flowcontrolrest.PostStartHookName, serviceCIDRHook)
	kube.DisabledPostStartHooks = disabled
}

// Add adds them to the first server in the chain, under the names that upstream's have in /readyz?verbose.
func (h Hooks) Add(front *genericapiserver.GenericAPIServer) error {
	for _, group := range []struct {
		provider interface {
			genericapiserver.PostStartHookProvider
			GroupName() string
		}
		replace func(name string, hook genericapiserver.PostStartHookFunc) genericapiserver.PostStartHookFunc
	}{
		{rbacrest.RESTStorageProvider{}, inBackground},
		{schedulingrest.RESTStorageProvider{}, inBackground},
		{flowcontrolrest.RESTStorageProvider{InformerFactory: h.Informers}, untilStopped},
	} {
		if !h.Resources.AnyResourceForGroupEnabled(group.provider.GroupName()) {
			continue
		}
		name, hook, err := group.provider.PostStartHook()
		if err != nil {
			return err
		}
		if err := front.AddPostStartHook(name, group.replace(name, hook)); err != nil {
			return err
		}
	}
	return front.AddPostStartHook(serviceCIDRHook, inBackground(serviceCIDRHook, func(ctx genericapiserver.PostStartHookContext) error {
		defaultservicecidr.NewController(h.PrimaryRange, h.SecondaryRange, h.Client).Start(ctx)
		return nil
	}))
}

// CanCutOff says whether a post start hook may be running when its server stops: that of priority and fairness may, which waits for as long as
// nobody may write what it has to.
func CanCutOff(hook string) bool { return hook == flowcontrolrest.PostStartHookName }

// untilStopped makes a hook that fails only while its server runs.
func untilStopped(_ string, hook genericapiserver.PostStartHookFunc) genericapiserver.PostStartHookFunc {
	return func(ctx genericapiserver.PostStartHookContext) error {
		if err := hook(ctx); ctx.Err() == nil {
			return err
		}
		return nil
	}
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
