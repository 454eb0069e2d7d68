package kubelet

import (
	"context"
	"fmt"
	"io"

	internalapi "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-client/pkg/logs"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
)

// checkLogs says what is wrong with a Logs or ClusterLogs.
func checkLogs(all []internalversion.Log) error {
	for i, of := range all {
		if of.LogsFile == "" {
			return fmt.Errorf("spec.logs[%d].logsFile is missing", i)
		}
	}
	return nil
}

// logFile is a file that stands for what a container logs. It is in the format of container runtimes, as on a node.
type logFile struct {
	fleet *fleet
	container
	path string
}

// logFileOf returns the file that one of kwok's Logs names for a container, nil if none does.
func (f *fleet) logFileOf(c container, previous bool) (*logFile, error) {
	said, ok := find(&f.simulated.logs, c.pod, c.status.Name, func(of internalversion.Log) []string { return of.Containers })
	switch {
	case !ok:
		return nil, nil
	case previous && said.PreviousLogsFile == "":
		return nil, fmt.Errorf("previous terminated container %q in pod %q not found", c.status.Name, c.pod.Name)
	case previous:
		return &logFile{f, c, said.PreviousLogsFile}, nil
	}
	return &logFile{f, c, said.LogsFile}, nil
}

// show writes what is in the file and, if it is to be followed, what comes, until the container ends or ctx does.
func (l logFile) show(ctx context.Context, options *logs.LogOptions, out, errOut io.Writer) error {
	if out == nil {
		out = io.Discard
	}
	if errOut == nil {
		errOut = out
	}
	err := logs.ReadLogs(ctx, l.path, "", options, running{l: l}, out, errOut)
	if ctx.Err() != nil {
		return nil // upstream says so in an error of its own
	}
	return err
}

// criOptions are options as the reader of files has them.
func (o logOptions) criOptions() *logs.LogOptions {
	options := &logs.LogOptions{Follow: o.follow, Timestamp: o.timestamps, Since: o.since}
	if o.tail >= 0 {
		tail := int64(o.tail)
		options.TailLines = &tail
	}
	if o.limit >= 0 {
		limit := int64(o.limit)
		options.LimitBytes = &limit
	}
	return options
}

// running says whether a container whose log is followed runs still.
type running struct {
	internalapi.RuntimeService // nil: nothing else is asked
	l                          logFile
}

// ContainerStatus implements internalapi.RuntimeService.
func (r running) ContainerStatus(context.Context, string, bool) (*runtimeapi.ContainerStatusResponse, error) {
	state := runtimeapi.ContainerState_CONTAINER_EXITED
	was := r.l.container
	now := r.l.fleet.container(was.pod.Namespace, was.pod.Name, was.status.Name)
	if now != nil && now.pod.UID == was.pod.UID && now.status.RestartCount == was.status.RestartCount && now.status.State.Running != nil {
		state = runtimeapi.ContainerState_CONTAINER_RUNNING
	}
	return &runtimeapi.ContainerStatusResponse{Status: &runtimeapi.ContainerStatus{State: state}}, nil
}
