package kubelet

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	// logsAnnotation is what a pod's containers log when they start, besides that they do.
	logsAnnotation = "kubecraft.io/logs"
	// logsInterval is how often a log that is followed is looked at.
	logsInterval = 200 * time.Millisecond
)

// logOptions are those of corev1.PodLogOptions that the API server passes on.
type logOptions struct {
	follow, previous, timestamps bool
	tail                         int // lines; all if negative
	limit                        int // bytes; all if negative
	since                        time.Time
}

func readLogOptions(req *http.Request) (logOptions, error) {
	query := req.URL.Query()
	o := logOptions{tail: -1, limit: -1}
	for name, to := range map[string]*bool{"follow": &o.follow, "previous": &o.previous, "timestamps": &o.timestamps} {
		if text := query.Get(name); text != "" {
			value, err := strconv.ParseBool(text)
			if err != nil {
				return o, fmt.Errorf("%s: %w", name, err)
			}
			*to = value
		}
	}
	for name, to := range map[string]*int{"tailLines": &o.tail, "limitBytes": &o.limit} {
		if text := query.Get(name); text != "" {
			value, err := strconv.Atoi(text)
			if err != nil {
				return o, fmt.Errorf("%s: %w", name, err)
			}
			*to = value
		}
	}
	if text := query.Get("sinceSeconds"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil {
			return o, fmt.Errorf("sinceSeconds: %w", err)
		}
		o.since = time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	if text := query.Get("sinceTime"); text != "" {
		since, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return o, fmt.Errorf("sinceTime: %w", err)
		}
		o.since = since
	}
	return o, nil
}

// logLine is what a container has logged at a time.
type logLine struct {
	at   time.Time
	text string
}

// logOf returns what a container has logged: what its pod's annotation says, that it started, and how it ended.
func logOf(pod *corev1.Pod, name, image string, state corev1.ContainerState) []logLine {
	begin, end := time.Time{}, (*corev1.ContainerStateTerminated)(nil)
	switch {
	case state.Running != nil:
		begin = state.Running.StartedAt.Time
	case state.Terminated != nil:
		begin, end = state.Terminated.StartedAt.Time, state.Terminated
	default:
		return nil
	}
	lines := []logLine{{begin, fmt.Sprintf("simulated: container %s (%s) started", name, image)}}
	if text := strings.TrimRight(pod.Annotations[logsAnnotation], "\n"); text != "" {
		for line := range strings.SplitSeq(text, "\n") {
			lines = append(lines, logLine{begin, line})
		}
	}
	if end != nil {
		lines = append(lines, logLine{end.FinishedAt.Time, fmt.Sprintf("simulated: container %s exited with code %d", name, end.ExitCode)})
	}
	return lines
}

// lines returns what is to be shown of a container's log.
func (c container) lines(previous bool) []logLine {
	state := c.status.State
	if previous || state.Running == nil && state.Terminated == nil {
		state = c.status.LastTerminationState
	}
	return logOf(c.pod, c.status.Name, c.status.Image, state)
}

func (f *fleet) serveLogs(w http.ResponseWriter, req *http.Request, c container) {
	o, err := readLogOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	file, err := f.logFileOf(c, o.previous)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if file != nil {
		shown := flushing{w}
		w.Header().Set("Content-Type", "text/plain")
		if err := file.show(req.Context(), o.criOptions(), shown, shown); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		return
	}
	if o.previous && c.status.LastTerminationState.Terminated == nil {
		http.Error(w, fmt.Sprintf("previous terminated container %q in pod %q not found", c.status.Name, c.pod.Name), http.StatusBadRequest)
		return
	}
	if len(c.lines(o.previous)) == 0 {
		reason := ""
		if c.status.State.Waiting != nil {
			reason = ": " + c.status.State.Waiting.Reason
		}
		http.Error(w, fmt.Sprintf("container %q in pod %q is waiting to start%s", c.status.Name, c.pod.Name, reason), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	left := o.limit
	_ = f.follow(req.Context(), c, o, func(line string) error {
		line += "\n"
		if o.limit >= 0 {
			line = line[:min(len(line), left)]
			left -= len(line)
		}
		if _, err := io.WriteString(flushing{w}, line); err != nil {
			return err
		}
		if o.limit >= 0 && left == 0 {
			return io.EOF
		}
		return nil
	})
}

// flushing sends each line at once.
type flushing struct{ http.ResponseWriter }

// Write implements io.Writer.
func (f flushing) Write(text []byte) (int, error) {
	n, err := f.ResponseWriter.Write(text)
	if flusher, ok := f.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
	return n, err
}

// follow shows a container's log, and if asked to, what comes, until the container has ended or ctx does.
func (f *fleet) follow(ctx context.Context, c container, o logOptions, show func(line string) error) error {
	all := c.lines(o.previous)
	var lines []logLine
	for _, line := range all {
		if !line.at.Before(o.since.Truncate(time.Second)) {
			lines = append(lines, line)
		}
	}
	if o.tail >= 0 && len(lines) > o.tail {
		lines = lines[len(lines)-o.tail:]
	}
	shown := len(all)
	for {
		for _, line := range lines {
			text := line.text
			if o.timestamps {
				text = line.at.UTC().Format(time.RFC3339Nano) + " " + text
			}
			if err := show(text); err != nil {
				return err
			}
		}
		if !o.follow || o.previous || c.status.State.Running == nil {
			return nil
		}
		timer := time.NewTimer(logsInterval)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		now := f.container(c.pod.Namespace, c.pod.Name, c.status.Name)
		if now == nil || now.pod.UID != c.pod.UID || now.status.RestartCount != c.status.RestartCount {
			return nil
		}
		c = *now
		all = c.lines(false)
		lines = all[min(shown, len(all)):]
		shown = len(all)
	}
}
