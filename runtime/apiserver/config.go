package apiserver

import (
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/util/compatibility"
)

// Config is a server that is about to be made: upstream's configuration, filled in from Options. What has no field in
// Options can be changed in it.
type Config struct {
	Generic *genericapiserver.Config
	name    string
	groups  []Group
	scheme  *runtime.Scheme
	rest    *restOptions
	certs   *Certificates
	paths   map[string]http.Handler
	// beside says that the store is not this server's alone.
	beside bool
}

// NewConfig turns options into upstream's configuration.
func NewConfig(o Options) (*Config, error) {
	strangers := len(o.Authenticators)+len(o.Authorizers) > 0
	access, err := newAuthorizer(o.Authorizers, strangers)
	if err != nil {
		return nil, err
	}
	if strangers {
		o.Groups = withReviews(o.Groups, access)
	}
	scheme := newScheme(o.Groups)
	codecs := serializer.NewCodecFactory(scheme)
	generic := genericapiserver.NewConfig(codecs)

	certs, err := NewCertificates(o.ServingCert, o.ServingKey, o.ClientCA)
	if err != nil {
		return nil, err
	}
	generic.SecureServing = &genericapiserver.SecureServingInfo{
		Listener:                     o.Listener,
		Cert:                         certs,
		ClientCA:                     certs,
		HTTP2MaxStreamsPerConnection: 1000,
	}
	if generic.LoopbackClientConfig, err = AddLoopback(generic.SecureServing); err != nil {
		return nil, err
	}
	generic.ExternalAddress = o.Listener.Addr().String()

	generic.Authentication.Authenticator = newAuthenticator(certs, o.Authenticators)
	generic.Authorization.Authorizer = access

	generic.EffectiveVersion = Release(compatibility.DefaultBuildEffectiveVersion())
	setOpenAPI(generic, o, scheme)

	c := &Config{Generic: generic, name: o.Name, groups: o.Groups, scheme: scheme, certs: certs, paths: o.Paths, rest: newRESTOptions(generic, o, scheme, codecs)}
	generic.RESTOptionsGetter = c.rest
	// Watches are ended at once on stop: their clients resume them where they were.
	generic.ShutdownWatchTerminationGracePeriod = 100 * time.Millisecond

	for _, r := range resources(o.Groups) {
		if r.Configure == nil {
			continue
		}
		if err := r.Configure(configuration{generic}); err != nil {
			return nil, fmt.Errorf("serving %s: %w", r.Name, err)
		}
	}
	for _, p := range o.Admission {
		plugin, err := p.New(generic.LoopbackClientConfig)
		if err != nil {
			return nil, err
		}
		configuration{generic}.AddAdmission(plugin)
	}
	return c, nil
}

// NewConfigBeside configures a server of groups that stands in a chain beside another one, whose configuration it
// shares but for what its types decide: the scheme, the storage, the documents. Of the options it takes the name, the
// groups, their definitions and the storage.
func NewConfigBeside(other genericapiserver.Config, o Options) *Config {
	scheme := newScheme(o.Groups)
	codecs := serializer.NewCodecFactory(scheme)
	generic := &other
	generic.Serializer = codecs
	generic.PostStartHooks = map[string]genericapiserver.PostStartHookConfigEntry{}
	generic.EnableDiscovery = false // the other's shows all
	setOpenAPI(generic, o, scheme)
	generic.RESTOptionsGetter = newRESTOptions(generic, o, scheme, codecs)
	return &Config{Generic: generic, name: o.Name, groups: o.Groups, scheme: scheme, beside: true}
}
