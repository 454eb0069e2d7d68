package pki

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// WriteKubeconfig makes the file at path name the server and the administrator's certificate, under one name for
// cluster, user and context, and makes it the current context. Other entries of a file that is there stay; those of
// another server under this name are an error. The file gets mode 0600.
func WriteKubeconfig(path, name, server string, b *Bundle) error {
	k, err := newKubeconfig(path, name, server, b, false)
	if err != nil {
		return err
	}
	return k.Write()
}

// RenewKubeconfig is WriteKubeconfig but for the current context, which stays: the user may have chosen another since.
func RenewKubeconfig(path, name, server string, b *Bundle) error {
	k, err := newKubeconfig(path, name, server, b, true)
	if err != nil {
		return err
	}
	return k.Write()
}

// Kubeconfig is what a file is to become.
type Kubeconfig struct {
	path, name, server string
	bundle             *Bundle
	keepContext        bool
	old, content       []byte
}

// PlanKubeconfig does what WriteKubeconfig does, with the errors that it would meet in what is there, but for the writing.
func PlanKubeconfig(path, name, server string, b *Bundle) (*Kubeconfig, error) {
	return newKubeconfig(path, name, server, b, false)
}

func newKubeconfig(path, name, server string, b *Bundle, keepContext bool) (*Kubeconfig, error) {
	k := &Kubeconfig{path: path, name: name, server: server, bundle: b, keepContext: keepContext}
	if err := k.plan(); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *Kubeconfig) plan() error {
	config, old, err := readKubeconfig(k.path, k.name, k.server, k.bundle.CA)
	if err != nil {
		return err
	}
	if !k.keepContext {
		config.CurrentContext = k.name
	}
	cluster := clientcmdapi.NewCluster()
	cluster.Server, cluster.CertificateAuthorityData = k.server, k.bundle.CA
	user := clientcmdapi.NewAuthInfo()
	user.ClientCertificateData, user.ClientKeyData = k.bundle.AdminCert, k.bundle.AdminKey
	context := clientcmdapi.NewContext()
	context.Cluster, context.AuthInfo = k.name, k.name
	if old := config.Contexts[k.name]; old != nil {
		context.Namespace = old.Namespace // kubectl config set-context --current --namespace
	}
	config.Clusters[k.name], config.AuthInfos[k.name], config.Contexts[k.name] = cluster, user, context
	k.old = old
	k.content, err = clientcmd.Write(*config)
	return err
}

// Write writes the file, unless it is as it is to be. What has changed in it since the planning stays.
func (k *Kubeconfig) Write() error {
	if now, err := os.ReadFile(k.path); !bytes.Equal(now, k.old) || (err == nil) != (k.old != nil) {
		if err := k.plan(); err != nil {
			return err
		}
	}
	if bytes.Equal(k.content, k.old) {
		return restrict(k.path)
	}
	if err := os.MkdirAll(filepath.Dir(k.path), 0o700); err != nil {
		return fmt.Errorf("cannot make the kubeconfig's folder %s: %w; name another file with --write-kubeconfig", filepath.Dir(k.path), cause(err))
	}
	return writeFile(k.path, k.content, 0o600)
}

// readKubeconfig returns what is at path, parsed and as text, if the server's entries may be put there.
func readKubeconfig(path, name, server string, ca []byte) (*clientcmdapi.Config, []byte, error) {
	config := clientcmdapi.NewConfig()
	old, err := os.ReadFile(path)
	if err == nil {
		if config, err = clientcmd.Load(old); err != nil {
			reason, _, _ := strings.Cut(err.Error(), "\n")
			return nil, nil, fmt.Errorf("%s: not a kubeconfig (%s); name another file with --write-kubeconfig", path, reason)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("cannot read the kubeconfig %s: %w; name another file with --write-kubeconfig", path, cause(err))
	}
	if taken(config, name, server, ca) {
		return nil, nil, fmt.Errorf("%s: the cluster, user or context %q there is of another server; rename it, or name another file with --write-kubeconfig", path, name)
	}
	return config, old, nil
}

// taken says whether name stands for something else in a kubeconfig: a cluster with neither this address nor this
// authority, or none at all; a user who has another way to log in than a certificate; a context of others.
func taken(config *clientcmdapi.Config, name, server string, ca []byte) bool {
	cluster, user, context := config.Clusters[name], config.AuthInfos[name], config.Contexts[name]
	if cluster == nil {
		return user != nil || context != nil
	}
	return cluster.Server != server && !bytes.Equal(cluster.CertificateAuthorityData, ca) ||
		user != nil && len(user.ClientCertificateData) == 0 ||
		context != nil && (context.Cluster != name || context.AuthInfo != name)
}
