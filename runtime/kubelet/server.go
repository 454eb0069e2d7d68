package kubelet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubecraft/kubecraft/runtime/pki"
)

const (
	// kubeletPort stands in nodes' status, as a kubelet's does. Nothing listens there: see listener.
	kubeletPort = 10250
	// certificateLifetime is that of a certificate that lives as long as the process.
	certificateLifetime = 10 * 365 * 24 * time.Hour
	// streamIdle is the kubelet's --streaming-connection-idle-timeout.
	streamIdle = 4 * time.Hour
	// serverPatience is how long requests that are under way have at the end.
	serverPatience = time.Second
)

// serve answers what the API server asks nodes' kubelets for, until ctx ends.
func (f *fleet) serve(ctx context.Context, l *listener, handler http.Handler) error {
	cert, key, err := pki.SelfSigned(&x509.Certificate{
		Subject: pkix.Name{CommonName: "simulated kubelets"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, certificateLifetime)
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		// What is shown of a log, or attached to, ends with the server.
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: withHost,
		// Upgrades, which exec and the like begin with, are of HTTP/1.1.
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}}
	l.serve(f.hasNode)
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(stopped)
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), serverPatience)
		defer cancel()
		if server.Shutdown(patience) != nil {
			_ = server.Close()
		}
	})
	if err := server.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

// hasNode says whether a host, by name or address, is a node that is simulated.
func (f *fleet) hasNode(host string) bool { return f.host(host) != nil }

// host returns the node that is simulated as a host, by name or address.
func (f *fleet) host(host string) *corev1.Node {
	found := f.node(host)
	if found == nil {
		for _, of := range f.nodes.GetStore().List() {
			node := of.(*corev1.Node)
			if slices.ContainsFunc(node.Status.Addresses, func(a corev1.NodeAddress) bool { return a.Address == host }) {
				found = node
				break
			}
		}
	}
	if found == nil || !f.managesNode(found) {
		return nil
	}
	return found
}

// hostKey is the context key of the host whose kubelet a connection is to.
type hostKey struct{}

// withHost notes which host a connection is to: in requests that are proxied it is not.
func withHost(ctx context.Context, conn net.Conn) context.Context {
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	if to, ok := conn.(nodeConn); ok {
		return context.WithValue(ctx, hostKey{}, to.host)
	}
	return ctx
}

// nodeOf returns the node whose kubelet a request is for.
func (f *fleet) nodeOf(req *http.Request) *corev1.Node {
	host, _ := req.Context().Value(hostKey{}).(string)
	return f.host(host)
}

// handler serves those of the kubelet's paths that clients of the API server reach (k8s.io/kubernetes/pkg/kubelet/server/server.go).
func (f *fleet) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", f.withContainer(f.serveLogs))
	for _, suffix := range []string{"{namespace}/{pod}/{container}", "{namespace}/{pod}/{uid}/{container}"} {
		mux.HandleFunc("/exec/"+suffix, f.withContainer(f.serveExec))
		mux.HandleFunc("/attach/"+suffix, f.withContainer(f.serveAttach))
	}
	for _, suffix := range []string{"{namespace}/{pod}", "{namespace}/{pod}/{uid}"} {
		mux.HandleFunc("/portForward/"+suffix, f.servePortForward)
	}
	f.metrics.register(mux, f.nodeOf)
	return mux
}

// container is one of a pod, as its status has it.
type container struct {
	pod    *corev1.Pod
	status corev1.ContainerStatus
}

func (c container) String() string {
	return fmt.Sprintf("container %s of pod %s/%s", c.status.Name, c.pod.Namespace, c.pod.Name)
}

func (f *fleet) pod(namespace, name string) *corev1.Pod {
	of, exists, err := f.pods.GetStore().GetByKey(namespace + "/" + name)
	if err != nil || !exists {
		return nil
	}
	return of.(*corev1.Pod)
}

// container returns a container of a pod, nil if there is none of the name.
func (f *fleet) container(namespace, pod, name string) *container {
	of := f.pod(namespace, pod)
	if of == nil {
		return nil
	}
	for _, statuses := range [][]corev1.ContainerStatus{of.Status.ContainerStatuses, of.Status.InitContainerStatuses, of.Status.EphemeralContainerStatuses} {
		for _, status := range statuses {
			if status.Name == name {
				return &container{of, status}
			}
		}
	}
	return nil
}

func (f *fleet) withContainer(serve func(http.ResponseWriter, *http.Request, container)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		c := f.container(req.PathValue("namespace"), req.PathValue("pod"), req.PathValue("container"))
		if c == nil {
			http.Error(w, fmt.Sprintf("container %s of pod %s/%s is not there, or has not started", req.PathValue("container"), req.PathValue("namespace"), req.PathValue("pod")), http.StatusNotFound)
			return
		}
		serve(w, req, *c)
	}
}
