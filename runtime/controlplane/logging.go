package controlplane

import (
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// setLogging says what of the process's log reaches stderr. The API machinery logs to its operators what a user of
// kubecraft can do nothing about, so at level 0 its lines are left out, and those of everybody else get there: of a full
// disk, of a project's own controllers.
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

// quiet is done once: the process has one log.
var quiet sync.Once

// QuietLog leaves out of the process's log, on stderr, what setLogging does at level 0, for a program that runs control planes
// beside other things. A logger that the program has set with klog.SetLogger stays. It is for before the first start.
func QuietLog(name string) {
	quiet.Do(func() {
		if reflect.TypeOf(klog.Background().GetSink()) == reflect.TypeOf(klog.NewKlogr().GetSink()) {
			klog.SetLogger(logr.New(&ownLog{name: name, out: os.Stderr}))
		}
	})
}

// ownLog is a log that drops what the API machinery writes, but for the last words of a process.
type ownLog struct {
	name   string
	out    io.Writer
	values []any
}

var _ logr.LogSink = &ownLog{}

// Init implements logr.LogSink.
func (*ownLog) Init(logr.RuntimeInfo) {}

// Enabled implements logr.LogSink.
func (*ownLog) Enabled(level int) bool { return level == 0 }

// Info implements logr.LogSink. klog's warnings and fatal errors come this way too.
func (l *ownLog) Info(_ int, message string, values ...any) {
	switch through, origin := caller(); {
	case strings.HasPrefix(through, "k8s.io/klog/v2.Fatal"), strings.HasPrefix(through, "k8s.io/klog/v2.Exit"):
		l.write("fatal: ", message, values)
	case isMachinery(origin):
	case strings.HasPrefix(through, "k8s.io/klog/v2.Warning"):
		l.write("warning: ", message, values)
	default:
		l.write("", message, values)
	}
}

// Error implements logr.LogSink.
func (l *ownLog) Error(err error, message string, values ...any) {
	if _, origin := caller(); isMachinery(origin) {
		return
	}
	if err != nil {
		message += ": " + err.Error()
	}
	l.write("error: ", message, values)
}

// WithValues implements logr.LogSink.
func (l *ownLog) WithValues(values ...any) logr.LogSink {
	return &ownLog{name: l.name, out: l.out, values: append(slices.Clone(l.values), values...)}
}

// WithName implements logr.LogSink.
func (l *ownLog) WithName(string) logr.LogSink { return l }

func (l *ownLog) write(severity, message string, values []any) {
	line := l.name + ": " + severity + strings.TrimSpace(message)
	values = append(slices.Clone(l.values), values...)
	for i := 0; i+1 < len(values); i += 2 {
		line += fmt.Sprintf(" %v=%v", values[i], values[i+1])
	}
	fmt.Fprintln(l.out, line)
}

// isMachinery says whether a function is of what a control plane is built on.
func isMachinery(function string) bool {
	for _, prefix := range []string{"k8s.io/", "sigs.k8s.io/", "go.etcd.io/", "google.golang.org/"} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}

// caller returns the outermost function of the logging packages that is being called, and the one that calls it.
func caller() (through, origin string) {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)]) // without Callers, caller and a method here
	for {
		frame, more := frames.Next()
		logging := strings.HasPrefix(frame.Function, "k8s.io/klog/") || strings.HasPrefix(frame.Function, "github.com/go-logr/") ||
			// What projects report errors with; upstream does too, and is a step further out then.
			strings.HasPrefix(frame.Function, "k8s.io/apimachinery/pkg/util/runtime.")
		if !logging {
			return through, frame.Function
		}
		through = frame.Function
		if !more {
			return through, ""
		}
	}
}
