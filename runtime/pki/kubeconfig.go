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
	config := clientcmdapi.NewConfig()
	old, err := os.ReadFile(path)
	if err == nil {
		if config, err = clientcmd.Load(old); err != nil {
			reason, _, _ := strings.Cut(err.Error(), "\n")
			return fmt.Errorf("%s: not a kubeconfig (%s); name another file with --write-kubeconfig", path, reason)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot read the kubeconfig: %w", err)
	}
	if taken(config, name, server, b.CA) {
		return fmt.Errorf("%s: the cluster, user or context %q there is of another server; rename it, or name another file with --write-kubeconfig", path, name)
	}
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
	config.CurrentContext = name
	content, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	if bytes.Equal(content, old) {
		return restrict(path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("cannot make the kubeconfig's folder: %w", err)
	}
	if err := writeFile(path, content, 0o600); err != nil {
		return fmt.Errorf("cannot write the kubeconfig: %w", err)
	}
	return nil
}

// taken says whether name stands for something else in a kubeconfig: a cluster with neither this address nor this authority,
// or no cluster at all.
func taken(config *clientcmdapi.Config, name, server string, ca []byte) bool {
	if c := config.Clusters[name]; c != nil {
		return c.Server != server && !bytes.Equal(c.CertificateAuthorityData, ca)
	}
	return config.AuthInfos[name] != nil || config.Contexts[name] != nil
}
