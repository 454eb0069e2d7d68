package kubernetes

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	etcdclient "go.etcd.io/etcd/client/v3/kubernetes"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime"
	genericfeatures "k8s.io/apiserver/pkg/features"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	aggregator "k8s.io/kube-aggregator/pkg/apiserver"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	kubeoptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controlplane"
	generatedopenapi "k8s.io/kubernetes/pkg/generated/openapi"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controllers/essential"
	kubecraft "github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/internal/departures"
	"github.com/kubecraft/kubecraft/runtime/loopback"
	"github.com/kubecraft/kubecraft/runtime/pki"
	"github.com/kubecraft/kubecraft/runtime/storage"
)

// shutdownTimeout is how long connections may take to close after a stop.
const shutdownTimeout = 5 * time.Second

// server is upstream's chain of servers.
type server struct {
	aggregator *aggregator.APIAggregator
	own        *apiserver.Server
	certs      *apiserver.Certificates
	loopback   *loopback.Transport
	store      *storage.Store
	pki        string // the folder of certificates and keys
	// ownsProcess says that the server sees to the process's heap.
	ownsProcess bool
	// informers are the factories of the servers in the chain.
	informers []informerFactory
	closers   []func()
	// essential are the controllers that the server must not be without.
	essential essential.Controllers
	shared    shared
	// plugins are the project's own, for admission.
	plugins *ownPlugins
	// leases renews some without a request. Nil if requests are to be seen.
	leases *departures.Leases
	// prepared says that the servers in the chain have their checks of health.
	prepared atomic.Bool
}

// informerFactory is what the factories of all kinds of informers have.
type informerFactory interface {
	StartWithContext(ctx context.Context)
	WaitForCacheSyncWithContext(ctx context.Context) cache.SyncResult
}

// newServer makes the chain: aggregator → kube-apiserver → the project's groups → custom resources.
func (a all) newServer(o kubecraft.ServerOptions) (_ kubecraft.Server, err error) {
	if o.OwnsProcess {
		stored, err := o.Store.Size()
		if err != nil {
			return nil, err
		}
		go departures.WarmHeap(stored)
	}
	s := &server{loopback: loopback.New(), store: o.Store, pki: o.PKI, ownsProcess: o.OwnsProcess, plugins: &ownPlugins{all: o.Admission}}
	defer func() {
		switch {
		case err == nil:
		case s.aggregator != nil:
			s.Destroy()
		default:
			s.close()
		}
	}()
	completed, files, err := s.options(o)
	if err != nil {
		return nil, err
	}
	generic, err := s.generic(o, completed)
	if err != nil {
		return nil, err
	}
	c, err := newConfigs(o, completed, generic)
	if err != nil {
		return nil, err
	}
	o.GarbageCollection = completed.Etcd.EnableGarbageCollection
	if a.asUpstream {
		generic.WaitDefinitions()
		_, err = s.chain(o, c)
	} else {
		err = s.fastChain(o, c, completed, generic)
	}
	if err != nil {
		return nil, err
	}
	front := s.aggregator.GenericAPIServer
	front.ShutdownTimeout = shutdownTimeout
	apiserver.AddPaths(front, o.Paths)
	apiserver.AddPaths(front, map[string]http.Handler{SummaryPath: http.HandlerFunc(s.serveSummary)})
	observed := generic.Config.AuditBackend != nil || completed.Traces.ConfigFile != "" || a.asUpstream ||
		utilfeature.DefaultFeatureGate.Enabled(genericfeatures.StorageVersionAPI) || c.kube.ControlPlane.Extra.PeerProxy != nil
	var direct func(*http.Request) http.Handler
	if !observed {
		direct = departures.Direct(&c.aggregator.GenericConfig.Config, front.Handler.Director)
		if s.leases, err = departures.NewLeases(o.Store.Client(), generic.Config.RESTOptionsGetter); err != nil {
			return nil, err
		}
	}
	s.loopback.Serve(front.Handler, direct)
	objects, err := metadata.NewForConfig(generic.Config.LoopbackClientConfig)
	if err != nil {
		return nil, err
	}
	s.essential = essential.Controllers{
		Informers:         generic.Informers,
		Objects:           departures.NewMetadata(objects, o.Store),
		RootCA:            o.ClientCA,
		ServiceAccountKey: files.ServiceAccountKey,
		CA:                files.CA,
		CAKey:             files.CAKey,
		ServiceRange:      completed.PrimaryServiceClusterIPRange.String(),
		GarbageCollection: completed.Etcd.EnableGarbageCollection,
	}
	s.essential.AddInformers()
	return s, nil
}

// options returns upstream's, once there is what they name: files, and an etcd.
func (s *server) options(o kubecraft.ServerOptions) (completed kubeoptions.CompletedOptions, files *pki.Builtin, err error) {
	if s.certs, err = apiserver.NewCertificates(o.ServingCert, o.ServingKey, o.ClientCA); err != nil {
		return completed, nil, err
	}
	if files, err = pki.EnsureBuiltin(o.PKI, time.Now()); err != nil {
		return completed, nil, err
	}
	options, err := newOptions(o, s.certs, files, o.Etcd, s.plugins)
	if err != nil {
		return completed, nil, err
	}
	completed, err = complete(context.Background(), options)
	return completed, files, err
}

// generic returns the configuration that the servers in the chain share.
func (s *server) generic(o kubecraft.ServerOptions, options kubeoptions.CompletedOptions) (*departures.Generic, error) {
	// Of several servers in a process the first is seen in the metrics of informers.
	name, err := cache.NewInformerName("kube-apiserver")
	if err == nil {
		s.closers = append(s.closers, name.Release)
	}
	generic, err := departures.NewGeneric(departures.GenericOptions{
		Upstream:     options,
		Schemes:      []*runtime.Scheme{legacyscheme.Scheme, apiextensions.Scheme, aggregatorscheme.Scheme},
		Resources:    controlplane.DefaultAPIResourceConfigSource(),
		Definitions:  generatedopenapi.GetOpenAPIDefinitions,
		ServingCert:  s.certs,
		Loopback:     s.loopback,
		Store:        o.Store,
		InformerName: name,
	})
	if err != nil {
		return nil, err
	}
	config := generic.Config
	s.plugins.loopback = config.LoopbackClientConfig
	strangers := options.Authentication
	config.Authentication.Authenticator = newAuthenticator(config.Authentication.Authenticator, s.certs, o.Authenticators,
		!strangers.Anonymous.FlagsSet && strangers.AuthenticationConfigFile == "")
	if config.Authorization.Authorizer, err = newAuthorizer(config.Authorization.Authorizer, o.Authorizers); err != nil {
		return nil, err
	}
	config.RESTOptionsGetter, err = newInStore(config.RESTOptionsGetter, o.Store, options.Etcd)
	return generic, err
}

// fastChain makes the chain while, in a new cluster, the first objects are written beside it.
func (s *server) fastChain(o kubecraft.ServerOptions, c *configs, options kubeoptions.CompletedOptions, generic *departures.Generic) error {
	client, err := clientset.NewForConfig(generic.Config.LoopbackClientConfig)
	if err != nil {
		return err
	}
	hooks := departures.Hooks{
		Client:         client,
		Informers:      generic.Informers,
		Resources:      c.kube.ControlPlane.APIResourceConfigSource,
		PrimaryRange:   options.PrimaryServiceClusterIPRange,
		SecondaryRange: options.SecondaryServiceClusterIPRange,
	}
	hooks.Disable(generic.Config)
	bootstrap := departures.Bootstrap{
		Client:        o.Store.Client(),
		Storage:       generic.Config.RESTOptionsGetter,
		Namespaces:    options.SystemNamespaces,
		ServiceRanges: []string{options.PrimaryServiceClusterIPRange.String()},
		RBAC:          generic.RBAC,
	}
	if second := options.SecondaryServiceClusterIPRange; second.IP != nil {
		bootstrap.ServiceRanges = append(bootstrap.ServiceRanges, second.String())
	}
	var isNew bool
	written := make(chan error, 1)
	go func() {
		var err error
		isNew, err = bootstrap.Write(context.Background())
		written <- err
	}()
	generic.WaitDefinitions()
	registrations, err := s.chain(o, c)
	if err := errors.Join(err, <-written); err != nil {
		return err
	}
	if isNew {
		if err := registrations.Write(context.Background(), o.Store.Client(), c.aggregator.GenericConfig.RESTOptionsGetter); err != nil {
			return err
		}
	}
	return hooks.Add(s.aggregator.GenericAPIServer)
}

// Loopback implements controlplane.Server.
func (s *server) Loopback() *rest.Config { return s.aggregator.GenericAPIServer.LoopbackClientConfig }

// Health implements controlplane.Server. Until the first server in the chain has its own checks, one behind it would answer, which has few of them and
// is well before any hook has run.
func (s *server) Health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !s.prepared.Load() {
			http.Error(w, "not prepared", http.StatusServiceUnavailable)
			return
		}
		s.aggregator.GenericAPIServer.Handler.NonGoRestfulMux.ServeHTTP(w, req)
	})
}

// CanCutOff implements controlplane.Server.
func (s *server) CanCutOff(hook string) bool { return departures.CanCutOff(hook) }

// Destroy implements controlplane.Server.
func (s *server) Destroy() { s.aggregator.GenericAPIServer.Destroy() }

// Run implements controlplane.Server.
func (s *server) Run(ctx context.Context) error {
	// What upstream's hooks would wait for in steps of 100 ms is there before they look.
	for _, f := range s.informers {
		f.StartWithContext(ctx)
	}
	prepared, err := s.aggregator.PrepareRun()
	if err != nil {
		s.Destroy()
		return errors.Join(err, s.aggregator.GenericAPIServer.SecureServingInfo.Listener.Close())
	}
	s.prepared.Store(true)
	// One that does not sync, for an object that cannot be read, is for /readyz to name.
	synced, cancel := context.WithTimeout(ctx, syncLimit)
	for _, f := range s.informers {
		f.WaitForCacheSyncWithContext(synced)
	}
	cancel()
	if s.ownsProcess {
		go departures.GiveBack(ctx)
	}
	go s.renew(ctx)
	defer s.shared.stop()
	return prepared.Run(ctx)
}

const (
	// syncLimit is how long a server waits for its own informers before it serves.
	syncLimit = 5 * time.Second
	// renewInterval is how often it looks whether the front proxy's certificate expires, which has a month left then.
	renewInterval = 6 * time.Hour
)

// renew keeps the front proxy's certificate good. Upstream reads the files again when they change.
func (s *server) renew(ctx context.Context) {
	tick := time.NewTicker(renewInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := pki.EnsureBuiltin(s.pki, time.Now()); err != nil {
			klog.Warningf("the front proxy's certificate is not renewed: %v", err)
		}
	}
}

// SetCertificates implements controlplane.Server.
func (s *server) SetCertificates(cert, key, clientCA []byte) error {
	return s.certs.Set(cert, key, clientCA)
}

// FindStale implements controlplane.Server.
func (s *server) FindStale(ctx context.Context, store etcdclient.Interface) (apiserver.Stale, error) {
	var stale apiserver.Stale
	served := s.store.Prefixes()
	if s.own != nil {
		var err error
		if stale, err = s.own.FindStale(ctx, store); err != nil {
			return stale, err
		}
		served = append(served, s.own.Prefixes()...)
	}
	err := findUnserved(ctx, store, served, &stale.Unserved)
	return stale, err
}

func (s *server) close() {
	for _, c := range s.closers {
		c()
	}
	s.closers = nil
}
