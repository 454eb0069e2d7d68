package controlplane

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// ownPackages is what the names of kubecraft's own functions begin with.
const ownPackages = "github.com/kubecraft/kubecraft/"

// setLogging says what of the process's log reaches stderr. The API machinery logs to its operators what a user of
// kubecraft can do nothing about, so at level 0 only what kubecraft itself logs gets there: a full disk, say.
func setLogging(verbosity int, name string, stderr io.Writer) {
	if verbosity == 0 {
		klog.SetLogger(logr.New(&ownLog{name: name, out: stderr}))
		return
	}
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	_ = flags.Set("v", strconv.Itoa(verbosity))
	_ = flags.Set("logtostderr", "true")
}

// ownLog is a log that drops what others write.
type ownLog struct {
	name string
	out  io.Writer
}

var _ logr.LogSink = &ownLog{}

// Init implements logr.LogSink.
func (*ownLog) Init(logr.RuntimeInfo) {}

// Enabled implements logr.LogSink.
func (*ownLog) Enabled(level int) bool { return level == 0 }

// Info implements logr.LogSink.
func (l *ownLog) Info(_ int, message string, _ ...any) {
	if isOwn() {
		fmt.Fprintf(l.out, "%s: warning: %s\n", l.name, strings.TrimSpace(message))
	}
}

// Error implements logr.LogSink.
func (l *ownLog) Error(err error, message string, _ ...any) {
	if err != nil {
		message += ": " + err.Error()
	}
	l.Info(0, message)
}

// WithValues implements logr.LogSink.
func (l *ownLog) WithValues(...any) logr.LogSink { return l }

// WithName implements logr.LogSink.
func (l *ownLog) WithName(string) logr.LogSink { return l }

// isOwn says whether the innermost function outside of the logging packages is one of kubecraft's.
func isOwn() bool {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for {
		frame, more := frames.Next()
		logging := strings.HasPrefix(frame.Function, "k8s.io/klog/") || strings.HasPrefix(frame.Function, "github.com/go-logr/") ||
			strings.HasPrefix(frame.Function, ownPackages+"runtime/controlplane.(*ownLog)") || frame.Function == ownPackages+"runtime/controlplane.isOwn"
		if !logging {
			return strings.HasPrefix(frame.Function, ownPackages)
		}
		if !more {
			return false
		}
	}
}
