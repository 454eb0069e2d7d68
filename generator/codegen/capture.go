package codegen

import (
	"fmt"
	"strings"
	"sync"

	"k8s.io/klog/v2"
)

// logLine is something a generator said through klog.
type logLine struct {
	isError bool
	text    string
}

// capture collects what generators log, and turns their exits into panics of type exit.
type capture struct {
	mu    sync.Mutex
	lines []logLine
}

// exit is panicked with where a generator would have ended the process.
type exit struct{ message string }

// captureLog redirects klog, for the rest of the process.
func captureLog() *capture {
	c := &capture{}
	klog.SetLogger(klog.New(sink{c}))
	klog.OsExit = func(int) {
		message := "the generator gave up without a message"
		if lines := c.peek(); len(lines) > 0 {
			message = lines[len(lines)-1].text
		}
		panic(exit{message})
	}
	return c
}

func (c *capture) add(line logLine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, line)
}

func (c *capture) peek() []logLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines
}

// take returns the lines since the last take.
func (c *capture) take() []logLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.lines
	c.lines = nil
	return lines
}

// sink is the klog.LogSink of a capture.
type sink struct{ c *capture }

func (sink) Init(klog.RuntimeInfo)            {}
func (sink) Enabled(int) bool                 { return true }
func (s sink) WithValues(...any) klog.LogSink { return s }
func (s sink) WithName(string) klog.LogSink   { return s }

func (s sink) Info(_ int, message string, keysAndValues ...any) {
	s.c.add(logLine{text: sentence(message, keysAndValues)})
}

func (s sink) Error(err error, message string, keysAndValues ...any) {
	if err != nil {
		message += ": " + err.Error()
	}
	s.c.add(logLine{isError: true, text: sentence(message, keysAndValues)})
}

func sentence(message string, keysAndValues []any) string {
	message = strings.TrimRight(message, "\n")
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		message += fmt.Sprintf(" %v=%v", keysAndValues[i], keysAndValues[i+1])
	}
	return message
}
