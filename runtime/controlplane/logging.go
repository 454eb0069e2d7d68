package controlplane

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"k8s.io/klog/v2"
)

// setLogging says what of the process's log reaches stderr. The API machinery logs to its operators what a user of
// kubecraft can do nothing about, so at level 0 its lines are left out, and those of everybody else get there: of a full
// disk, of a project's own controllers.
func setLogging(verbosity int, name string, stderr io.Writer) {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	if verbosity == 0 {
		// Not by klog.SetLogger: with a logger every klog.V allocates, which was a quarter of all objects that a busy cluster made.
		for _, severity := range []string{"WARNING", "ERROR", "FATAL"} { // klog writes these to INFO as well
			klog.SetOutputBySeverity(severity, io.Discard)
		}
		klog.SetOutputBySeverity("INFO", ownLog{name: name, out: stderr})
		_ = flags.Set("stderrthreshold", "4") // more than fatal
		_ = flags.Set("logtostderr", "false")
		return
	}
	_ = flags.Set("v", strconv.Itoa(verbosity))
	_ = flags.Set("logtostderr", "true")
}

// QuietLog leaves out of the process's log, on stderr, what setLogging does at level 0, for a program that runs control planes
// beside other things. A logger that the program has set with klog.SetLogger stays. It is for before the first start.
func QuietLog(name string) { quiet.Do(func() { setLogging(0, name, os.Stderr) }) }

// quiet is done once: the process has one log, and klog's flags are not for while others log.
var quiet sync.Once

// ownLog is where klog writes its lines, each at once and by the goroutine that logs. It drops those of the API machinery, but for the last
// words of a process.
type ownLog struct {
	name string
	out  io.Writer
}

// Write implements io.Writer. A line is as described in klog's formatHeader: a letter for its severity, ..., "] ", the message.
func (l ownLog) Write(line []byte) (int, error) {
	_, message, ok := bytes.Cut(line, []byte("] "))
	if !ok {
		return len(line), nil
	}
	through, origin := caller()
	severity := ""
	switch line[0] {
	case 'F':
		severity = "fatal: "
	case 'E':
		severity = "error: "
	case 'W':
		severity = "warning: "
	}
	if line[0] != 'F' && isMachinery(origin) {
		return len(line), nil
	}
	fmt.Fprintf(l.out, "%s: %s%s\n", l.name, severity, plain(strings.TrimSpace(string(message))))
	if strings.HasPrefix(through, "k8s.io/klog/v2.Fatal") {
		os.Exit(255) // as klog does, after the stacks of all goroutines
	}
	return len(line), nil
}

// pairs is how the values of a structured message begin.
var pairs = regexp.MustCompile(`^ [^\s=]+=`)

// plain returns a message as people write it: of a structured one, "message" err="error" key="value", message: error key="value".
func plain(message string) string {
	quoted, err := strconv.QuotedPrefix(message)
	if err != nil {
		return message
	}
	rest := message[len(quoted):]
	if rest != "" && !pairs.MatchString(rest) {
		return message // it only begins with a quotation
	}
	text, _ := strconv.Unquote(quoted)
	if said, ok := strings.CutPrefix(rest, " err="); ok {
		if quoted, err := strconv.QuotedPrefix(said); err == nil {
			said, rest = said[:len(quoted)], said[len(quoted):]
			said, _ = strconv.Unquote(said)
			text += ": " + said
		}
	}
	return text + rest
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
