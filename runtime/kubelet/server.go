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
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"

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
func (f *fleet) serve(ctx context.Context, l *listener) error {
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
	server := &http.Server{Handler: f.handler(), ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		// What is shown of a log, or attached to, ends with the server.
		BaseContext: func(net.Listener) context.Context { return ctx },
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
func (f *fleet) hasNode(host string) bool {
	if node := f.node(host); node != nil {
		return f.managesNode(node)
	}
	for _, of := range f.nodes.GetStore().List() {
		node := of.(*corev1.Node)
		for _, address := range node.Status.Addresses {
			if address.Address == host {
				return f.managesNode(node)
			}
		}
	}
	return false
}

// handler serves those of the kubelet's paths that clients of the API server reach (k8s.io/kubernetes/pkg/kubelet/server/server.go).
func (f *fleet) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", f.withContainer(f.serveLogs))
	for _, suffix := range []string{"{namespace}/{pod}/{container}", "{namespace}/{pod}/{uid}/{container}"} {
		mux.HandleFunc("/exec/"+suffix, f.withContainer(serveExec))
		mux.HandleFunc("/attach/"+suffix, f.withContainer(f.serveAttach))
	}
	for _, suffix := range []string{"{namespace}/{pod}", "{namespace}/{pod}/{uid}"} {
		mux.HandleFunc("/portForward/"+suffix, f.servePortForward)
	}
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

// serveExec says that there is nothing to run a command in.
func serveExec(w http.ResponseWriter, req *http.Request, c container) {
	options, err := remotecommand.NewOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if c.status.State.Running == nil {
		http.Error(w, fmt.Sprintf("%s does not run", c), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, req, execution{c}, c.pod.Name, string(c.pod.UID), c.status.Name, req.URL.Query()["command"], options,
		streamIdle, remotecommand.DefaultStreamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

type execution struct{ container }

// ExecInContainer implements remotecommand.Executor.
func (e execution) ExecInContainer(_ context.Context, _, _, _ string, command []string, _ io.Reader, out, _ io.WriteCloser, tty bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if out == nil {
		return nil
	}
	_, err := fmt.Fprintf(out, "simulated: nothing runs in %s; it was told: %s%s", e.container, strings.Join(command, " "), newline(tty))
	return err
}

func newline(tty bool) string {
	if tty {
		return "\r\n"
	}
	return "\n"
}

// serveAttach shows what the container has logged, until it ends or nobody listens.
func (f *fleet) serveAttach(w http.ResponseWriter, req *http.Request, c container) {
	options, err := remotecommand.NewOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeAttach(w, req, attachment{f, c}, c.pod.Name, string(c.pod.UID), c.status.Name, options,
		streamIdle, remotecommand.DefaultStreamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

type attachment struct {
	fleet *fleet
	container
}

// AttachContainer implements remotecommand.Attacher.
func (a attachment) AttachContainer(ctx context.Context, _, _, _ string, in io.Reader, out, _ io.WriteCloser, tty bool, _ <-chan remotecommand.TerminalSize) error {
	if in != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		go func() {
			defer cancel()
			_, _ = io.Copy(io.Discard, in)
		}()
	}
	if out == nil {
		<-ctx.Done()
		return nil
	}
	return a.fleet.follow(ctx, a.container, logOptions{follow: true, tail: -1}, func(line string) error {
		_, err := io.WriteString(out, line+newline(tty))
		return err
	})
}

// servePortForward answers on each port with a page that says what it is.
func (f *fleet) servePortForward(w http.ResponseWriter, req *http.Request) {
	pod := f.pod(req.PathValue("namespace"), req.PathValue("pod"))
	if pod == nil {
		http.Error(w, "there is no such pod", http.StatusNotFound)
		return
	}
	options, err := portforward.NewV4Options(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, req, forwarder{pod}, pod.Name, string(pod.UID), options, streamIdle, remotecommand.DefaultStreamCreationTimeout, portforward.SupportedProtocols)
}

type forwarder struct{ pod *corev1.Pod }

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(_ context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	if _, err := stream.Read(make([]byte, 4096)); err != nil {
		return nil // nobody asks
	}
	text := fmt.Sprintf("simulated: nothing listens on port %d of pod %s/%s\n", port, f.pod.Namespace, f.pod.Name)
	_, err := fmt.Fprintf(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
	return err
}
