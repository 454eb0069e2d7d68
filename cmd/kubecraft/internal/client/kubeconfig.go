package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// kubeconfig is the part of the file that a server of ours writes.
type kubeconfig struct {
	CurrentContext string `json:"current-context"`
	Contexts       []struct {
		Name    string `json:"name"`
		Context struct {
			Cluster string `json:"cluster"`
			User    string `json:"user"`
		} `json:"context"`
	} `json:"contexts"`
	Clusters []struct {
		Name    string `json:"name"`
		Cluster struct {
			Server string `json:"server"`
			CAFile string `json:"certificate-authority"`
			CAData []byte `json:"certificate-authority-data"`
		} `json:"cluster"`
	} `json:"clusters"`
	Users []struct {
		Name string `json:"name"`
		User struct {
			CertFile string `json:"client-certificate"`
			CertData []byte `json:"client-certificate-data"`
			KeyFile  string `json:"client-key"`
			KeyData  []byte `json:"client-key-data"`
		} `json:"user"`
	} `json:"users"`
}

// Client makes requests to one server.
type Client struct {
	server string
	http   *http.Client
}

// FromKubeconfig returns a client for the current context of a kubeconfig whose user has a certificate.
func FromKubeconfig(path string) (*Client, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var config kubeconfig
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c, err := config.client(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func (k *kubeconfig) client(dir string) (*Client, error) {
	cluster, user := "", ""
	for _, c := range k.Contexts {
		if c.Name == k.CurrentContext {
			cluster, user = c.Context.Cluster, c.Context.User
		}
	}
	c := &Client{}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	for _, found := range k.Clusters {
		if found.Name != cluster {
			continue
		}
		ca, err := orFile(found.Cluster.CAData, dir, found.Cluster.CAFile)
		if err != nil {
			return nil, err
		}
		if !conf.RootCAs.AppendCertsFromPEM(ca) {
			return nil, errors.New("the cluster's certificate authority is no certificate")
		}
		c.server = strings.TrimRight(found.Cluster.Server, "/")
	}
	for _, found := range k.Users {
		if found.Name != user {
			continue
		}
		cert, err := orFile(found.User.CertData, dir, found.User.CertFile)
		if err != nil {
			return nil, err
		}
		key, err := orFile(found.User.KeyData, dir, found.User.KeyFile)
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("the user's certificate: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	if c.server == "" || conf.Certificates == nil {
		return nil, fmt.Errorf("the current context %q names no server or no user with a certificate", k.CurrentContext)
	}
	c.http = &http.Client{
		Transport: &http.Transport{TLSClientConfig: conf, ForceAttemptHTTP2: true},
		Timeout:   30 * time.Second,
	}
	return c, nil
}

func orFile(data []byte, dir, file string) ([]byte, error) {
	if len(data) > 0 {
		return data, nil
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return os.ReadFile(file)
}

// Server is the URL of the server.
func (c *Client) Server() string { return c.server }

// Close gives back the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }
