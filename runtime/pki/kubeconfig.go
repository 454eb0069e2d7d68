package pki

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// WriteKubeconfig makes the file at path name the server and the administrator's certificate, under one name for
// cluster, user and context, and makes it the current context. Other entries of a file that is there stay. The file
// gets mode 0600.
func WriteKubeconfig(path, name, server string, b *Bundle) error {
	config := clientcmdapi.NewConfig()
	if content, err := os.ReadFile(path); err == nil {
		if config, err = clientcmd.Load(content); err != nil {
			return fmt.Errorf("%s: not a kubeconfig (%w); name another file with --write-kubeconfig", path, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
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
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, content, 0o600)
}
