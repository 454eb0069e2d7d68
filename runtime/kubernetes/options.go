package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/server/flagz"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	cliflag "k8s.io/component-base/cli/flag"
	kubeapiserver "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/pkg/kubeapiserver/authorizer/modes"
	netutils "k8s.io/utils/net"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/pki"
)

const (
	// defaultServiceRange is what kubeadm gives --service-cluster-ip-range.
	defaultServiceRange = "10.96.0.0/12"
	// issuer stands in the tokens of service accounts, as kubeadm has it.
	issuer = "https://kubernetes.default.svc.cluster.local"
	// documentationAddress stands for a machine that has no network (RFC 5737): upstream refuses loopback there.
	documentationAddress = "192.0.2.1"
)

// owned are the flags of kube-apiserver that kubecraft sets itself, with what a user does instead.
func owned() map[string]string {
	const (
		store = "kubecraft keeps the store; --storage says where"
		port  = "use --address and --port"
		certs = "kubecraft makes the certificates and keys, in the folder that --pki names"
		logs  = "use -v"
	)
	return map[string]string{
		"etcd-servers": store, "etcd-servers-overrides": store, "etcd-prefix": store, "storage-backend": store,
		"etcd-cafile": store, "etcd-certfile": store, "etcd-keyfile": store, "etcd-compaction-interval": store,
		"bind-address": port, "secure-port": port, "permit-port-sharing": port, "permit-address-sharing": port,
		"cert-dir": certs, "tls-cert-file": certs, "tls-private-key-file": certs, "client-ca-file": certs,
		"requestheader-client-ca-file": certs, "proxy-client-cert-file": certs, "proxy-client-key-file": certs,
		"service-account-key-file": certs, "service-account-signing-key-file": certs, "service-account-signing-endpoint": certs,
		"logging-format": logs, "log-flush-frequency": logs, "v": logs, "vmodule": logs,
	}
}

// newOptions are upstream's, filled in from ours and from the flags that the user has given.
func newOptions(o controlplane.ServerOptions, certs *apiserver.Certificates, files *pki.Builtin, etcd []string, plugins *ownPlugins) (*kubeapiserver.ServerRunOptions, error) {
	s := kubeapiserver.NewServerRunOptions()
	if err := plugins.register(s.Admission.GenericAdmission); err != nil {
		return nil, err
	}
	s.ServiceClusterIPRanges = defaultServiceRange
	s.AllowPrivileged = true
	if o.DialNode != nil { // names of nodes in this process are of no DNS; a node's proxy resolves them before it dials
		s.KubeletConfig.PreferredAddressTypes = []string{string(corev1.NodeInternalIP), string(corev1.NodeExternalIP), string(corev1.NodeHostName)}
	}
	s.Authorization.Modes = []string{modes.ModeNode, modes.ModeRBAC}
	s.Authentication.Anonymous.Allow = false
	s.Authentication.BootstrapToken.Enable = true
	s.Authentication.ServiceAccounts.Issuers = []string{issuer}
	// Watches are ended at once on stop: their clients resume them where they were.
	s.GenericServerRunOptions.ShutdownWatchTerminationGracePeriod = 100 * time.Millisecond
	s.Admission.GenericAdmission.EnablePlugins = []string{"NodeRestriction"}
	s.Authentication.RequestHeader.AllowedNames = []string{"front-proxy-client"}
	s.Authentication.RequestHeader.UsernameHeaders = []string{"X-Remote-User"}
	s.Authentication.RequestHeader.GroupHeaders = []string{"X-Remote-Group"}
	s.Authentication.RequestHeader.UIDHeaders = []string{"X-Remote-Uid"}
	s.Authentication.RequestHeader.ExtraHeaderPrefixes = []string{"X-Remote-Extra-"}
	if err := parse(s, o.Args); err != nil {
		return nil, err
	}

	s.Etcd.StorageConfig.Transport.ServerList = etcd
	s.Etcd.StorageConfig.CompactionInterval = 0 // the store sees to it

	s.SecureServing.Listener = o.Listener
	if at, ok := o.Listener.Addr().(*net.TCPAddr); ok {
		s.SecureServing.BindAddress = at.IP
	}
	// What is served with comes from memory, see departures. Named here, upstream does not make a certificate of its own.
	s.SecureServing.ServerCert.CertKey.CertFile = filepath.Join(o.PKI, "apiserver.crt")
	s.SecureServing.ServerCert.CertKey.KeyFile = filepath.Join(o.PKI, "apiserver.key")
	s.Authentication.ClientCert = &genericoptions.ClientCertAuthenticationOptions{CAContentProvider: certs}
	s.Authentication.ServiceAccounts.KeyFiles = []string{files.ServiceAccountKey}
	s.ServiceAccountSigningKeyFile = files.ServiceAccountKey
	s.Authentication.RequestHeader.ClientCAFile = files.FrontProxyCA
	s.ProxyClientCertFile, s.ProxyClientKeyFile = files.FrontProxyCert, files.FrontProxyKey
	if s.GenericServerRunOptions.AdvertiseAddress == nil {
		if _, err := s.SecureServing.DefaultExternalAddress(); err != nil {
			s.GenericServerRunOptions.AdvertiseAddress = net.ParseIP(documentationAddress)
		}
	}
	return s, nil
}

// checkArgs says what is wrong with flags, and what the serving certificate must have because of them: the address of the
// service "kubernetes".
func checkArgs(args []string) (hosts []string, err error) {
	s := kubeapiserver.NewServerRunOptions()
	s.ServiceClusterIPRanges = defaultServiceRange
	if err := parse(s, args); err != nil {
		return nil, err
	}
	for _, text := range strings.Split(s.ServiceClusterIPRanges, ",") {
		_, network, err := netutils.ParseCIDRSloppy(text)
		if err != nil {
			continue // upstream says so
		}
		if ip, err := netutils.GetIndexedIP(network, 1); err == nil {
			hosts = append(hosts, ip.String())
		}
	}
	return hosts, nil
}

// process is what the servers in it share: feature gates and the versions that are emulated are upstream's globals
// (k8s.io/component-base/compatibility).
var process struct {
	sync.Mutex
	features *string // flags of the first server; nil before it
}

// parse sets flags as kube-apiserver's command line does.
func parse(s *kubeapiserver.ServerRunOptions, args []string) error {
	process.Lock()
	defer process.Unlock()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	flags.Usage = func() {}
	sets := s.Flags()
	for _, name := range sets.Order {
		flags.AddFlagSet(sets.FlagSets[name])
	}
	s.Flagz = flagz.NamedFlagSetsReader{FlagSets: sets}
	forgetFeatures(flags)
	if err := flags.Parse(args); errors.Is(err, pflag.ErrHelp) {
		return errors.New("the flags of kube-apiserver are described at https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/")
	} else if err != nil {
		return &controlplane.UsageError{Message: fmt.Sprintf("flag of kube-apiserver: %v", err)}
	}
	if flags.NArg() > 0 {
		return &controlplane.UsageError{Message: fmt.Sprintf("unexpected argument %q among kube-apiserver's flags", flags.Arg(0))}
	}
	instead := owned()
	var refused []string
	flags.Visit(func(f *pflag.Flag) {
		if advice, ok := instead[f.Name]; ok {
			refused = append(refused, fmt.Sprintf("--%s of kube-apiserver cannot be set: %s", f.Name, advice))
		}
	})
	if s.Authorization.AuthorizationConfigurationFile != "" && !flags.Changed("authorization-mode") {
		s.Authorization.Modes = nil // the file says it
	}
	if len(refused) > 0 {
		return &controlplane.UsageError{Message: strings.Join(refused, "; ")}
	}
	features := featuresOf(flags)
	if process.features != nil && *process.features != features {
		return &controlplane.UsageError{Message: fmt.Sprintf(
			"feature gates and emulated versions are the process's: its first server has %s, so this one cannot have %s; start it in another process, such as a test package of its own",
			*process.features, features)}
	}
	if err := s.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return &controlplane.UsageError{Message: fmt.Sprintf("flag of kube-apiserver: %v", err)}
	}
	process.features = &features
	return nil
}

// featureFlags are those that set what is the process's.
func featureFlags() []string {
	return []string{"feature-gates", "emulated-version", "min-compatibility-version"}
}

// forgetFeatures takes out what other servers' flags have left: upstream keeps it in one place for all.
func forgetFeatures(flags *pflag.FlagSet) {
	for _, name := range featureFlags() {
		switch value := flags.Lookup(name).Value.(type) {
		case *cliflag.ColonSeparatedMultimapStringString:
			*value.Multimap = map[string][]string{}
		case pflag.SliceValue:
			_ = value.Replace(nil)
		}
	}
}

// featuresOf returns the flags for features, in one form.
func featuresOf(flags *pflag.FlagSet) string {
	var set []string
	for _, name := range featureFlags() {
		if flag := flags.Lookup(name); flag.Changed {
			values := strings.Split(strings.Trim(flag.Value.String(), "[]"), ",")
			for i, value := range values {
				values[i] = strings.TrimPrefix(value, ":") // of no component's
			}
			slices.Sort(values)
			set = append(set, "--"+name+"="+strings.Join(values, ","))
		}
	}
	if len(set) == 0 {
		return "the defaults"
	}
	return strings.Join(set, " ")
}

// complete checks the options as kube-apiserver does.
func complete(ctx context.Context, s *kubeapiserver.ServerRunOptions) (kubeapiserver.CompletedOptions, error) {
	completed, err := s.Complete(ctx)
	if err != nil {
		return completed, err
	}
	if problems := completed.Validate(); len(problems) > 0 {
		slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return completed, &controlplane.UsageError{Message: fmt.Sprintf("flags of kube-apiserver: %v", utilerrors.NewAggregate(problems))}
	}
	measureFeatures(completed)
	return completed, nil
}
