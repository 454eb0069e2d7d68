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
	config, old, err := readKubeconfig(path, name, server, b.CA)
	if err != nil {
		return err
	}
	config.CurrentContext = name
	return writeKubeconfig(path, name, server, b, config, old)
}

// RenewKubeconfig is WriteKubeconfig but for the current context, which stays: the user may have chosen another since.
func RenewKubeconfig(path, name, server string, b *Bundle) error {
	config, old, err := readKubeconfig(path, name, server, b.CA)
	if err != nil {
		return err
	}
	return writeKubeconfig(path, name, server, b, config, old)
}

// CheckKubeconfig returns the error that WriteKubeconfig would meet in what is there.
func CheckKubeconfig(path, name, server string, b *Bundle) error {
	_, _, err := readKubeconfig(path, name, server, b.CA)
	return err
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

func writeKubeconfig(path, name, server string, b *Bundle, config *clientcmdapi.Config, old []byte) error {
	cluster := clientcmdapi.NewCluster()
	cluster.Server, cluster.CertificateAuthorityData = server, b.CA
	user := clientcmdapi.NewAuthInfo()
	user.ClientCertificateData, user.ClientKeyData = b.AdminCert, b.AdminKey
	context := clientcmdapi.NewContext()
	context.Cluster, context.AuthInfo = name, name
	if old := config.Contexts[name]; old != nil {
		context.Namespace = old.Namespace // kubectl config set-context --current --namespace
	}
	config.Clusters[name], config.AuthInfos[name], config.Contexts[name] = cluster, user, context
	content, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	if bytes.Equal(content, old) {
		return restrict(path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("cannot make the kubeconfig's folder %s: %w; name another file with --write-kubeconfig", filepath.Dir(path), cause(err))
	}
	return writeFile(path, content, 0o600)
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
