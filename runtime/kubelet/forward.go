package kubelet

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
)

// checkForwards says what is wrong with a PortForward or ClusterPortForward.
func checkForwards(all []internalversion.Forward) error {
	for i, of := range all {
		if of.Target == nil && len(of.Command) == 0 {
			return fmt.Errorf("spec.forwards[%d] has neither a target nor a command", i)
		}
	}
	return nil
}

// servePortForward connects a port to what one of kwok's PortForwards names, and else answers with a page that says what it is.
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
	portforward.ServePortForward(w, req, forwarder{req.Context(), f, pod}, pod.Name, string(pod.UID), options, streamIdle, remotecommand.DefaultStreamCreationTimeout, portforward.SupportedProtocols)
}

type forwarder struct {
	// ctx is that of the request: the one that PortForward is given has no end.
	ctx   context.Context
	fleet *fleet
	pod   *corev1.Pod
}

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(_ context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	target, ok := find(&f.fleet.simulated.forwards, f.pod, port, func(of internalversion.Forward) []int32 { return of.Ports })
	switch {
	case !ok:
	case len(target.Command) > 0:
		return run(exec.CommandContext(f.ctx, target.Command[0], target.Command[1:]...), stream, stream, nil)
	default:
		return tunnel(f.ctx, stream, net.JoinHostPort(target.Target.Address, strconv.Itoa(int(target.Target.Port))))
	}
	if _, err := stream.Read(make([]byte, 4096)); err != nil {
		return nil // nobody asks
	}
	text := fmt.Sprintf("simulated: nothing listens on port %d of pod %s/%s\n", port, f.pod.Namespace, f.pod.Name)
	_, err := fmt.Fprintf(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
	return err
}

// tunnel connects a stream to an address until either of them ends.
func tunnel(ctx context.Context, stream io.ReadWriteCloser, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = io.Copy(conn, stream)
		// The client will send no more, and may still be answered.
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	_, err = io.Copy(stream, conn)
	_ = stream.Close()
	<-asked
	return err
}
