package kubelet

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"k8s.io/cri-client/pkg/logs"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
)

// checkAttaches says what is wrong with an Attach or ClusterAttach.
func checkAttaches(all []internalversion.AttachConfig) error {
	for i, of := range all {
		if of.LogsFile == "" {
			return fmt.Errorf("spec.attaches[%d].logsFile is missing", i)
		}
	}
	return nil
}

// serveAttach shows what the container has logged, until it ends or nobody listens.
func (f *fleet) serveAttach(w http.ResponseWriter, req *http.Request, c container) {
	options, err := remotecommand.NewOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var attacher remotecommand.Attacher = attachment{f, c}
	target, ok := find(&f.simulated.attaches, c.pod, c.status.Name, func(of internalversion.AttachConfig) []string { return of.Containers })
	if ok {
		attacher = fileAttachment{logFile{f, c, target.LogsFile}}
	}
	remotecommand.ServeAttach(w, req, attacher, c.pod.Name, string(c.pod.UID), c.status.Name, options,
		streamIdle, remotecommand.DefaultStreamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

type attachment struct {
	fleet *fleet
	container
}

// AttachContainer implements remotecommand.Attacher.
func (a attachment) AttachContainer(ctx context.Context, _, _, _ string, in io.Reader, out, _ io.WriteCloser, tty bool, _ <-chan remotecommand.TerminalSize) error {
	ctx, cancel := untilClosed(ctx, in)
	defer cancel()
	if out == nil {
		<-ctx.Done()
		return nil
	}
	return a.fleet.follow(ctx, a.container, logOptions{follow: true, tail: -1}, func(line string) error {
		_, err := io.WriteString(out, line+newline(tty))
		return err
	})
}

// fileAttachment shows what is written to a file from now on.
type fileAttachment struct{ logFile }

// AttachContainer implements remotecommand.Attacher.
func (a fileAttachment) AttachContainer(ctx context.Context, _, _, _ string, in io.Reader, out, errOut io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize) error {
	ctx, cancel := untilClosed(ctx, in)
	defer cancel()
	return a.show(ctx, &logs.LogOptions{TailLines: new(int64), Follow: true}, out, errOut)
}

// untilClosed returns a context that ends when a client's input does, if there is one: nobody reads it.
func untilClosed(ctx context.Context, in io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if in != nil {
		go func() {
			defer cancel()
			_, _ = io.Copy(io.Discard, in)
		}()
	}
	return ctx, cancel
}
