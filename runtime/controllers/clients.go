package controllers

import (
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/controller-manager/pkg/clientbuilder"
)

// upstreamQPS and upstreamBurst are the defaults of kube-controller-manager's --kube-api-qps and --kube-api-burst, which hold for each
// controller (k8s.io/kubernetes/pkg/controller/apis/config/v1alpha1/defaults.go). Here there is no limit unless one is named.
const (
	upstreamQPS   = 20
	upstreamBurst = 30
)

// clients implements clientbuilder.ControllerClientBuilder: each controller has a client whose requests say that they are
// kube-controller-manager's. Upstream's builder takes the name of the program for that.
type clients struct {
	clientbuilder.SimpleControllerClientBuilder
}

// Config implements clientbuilder.ControllerClientBuilder.
func (c clients) Config(name string) (*rest.Config, error) {
	config := rest.CopyConfig(c.ClientConfig)
	config.UserAgent += "/" + name
	switch name {
	case "ttl-controller": // it annotates each node, and again whenever they have become many more: nobody waits for that
		config.QPS, config.Burst = upstreamQPS, upstreamBurst
	case "replicaset-controller", "deployment-controller":
		config.Wrap(newPace)
	}
	return config, nil
}

// ConfigOrDie implements clientbuilder.ControllerClientBuilder.
func (c clients) ConfigOrDie(name string) *rest.Config {
	config, _ := c.Config(name) // which does not fail
	return config
}

// Client implements clientbuilder.ControllerClientBuilder.
func (c clients) Client(name string) (kubernetes.Interface, error) {
	return kubernetes.NewForConfig(c.ConfigOrDie(name))
}

// ClientOrDie implements clientbuilder.ControllerClientBuilder.
func (c clients) ClientOrDie(name string) kubernetes.Interface {
	return kubernetes.NewForConfigOrDie(c.ConfigOrDie(name))
}

// DiscoveryClient implements clientbuilder.ControllerClientBuilder.
func (c clients) DiscoveryClient(name string) (discovery.DiscoveryInterface, error) {
	return discovery.NewDiscoveryClientForConfig(c.ConfigOrDie(name))
}

// DiscoveryClientOrDie implements clientbuilder.ControllerClientBuilder.
func (c clients) DiscoveryClientOrDie(name string) discovery.DiscoveryInterface {
	return discovery.NewDiscoveryClientForConfigOrDie(c.ConfigOrDie(name))
}
