package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// DefaultTimeout is how long a call may take: what upstream gives an admission webhook that says nothing of its own.
	DefaultTimeout = 10 * time.Second
	// maxCalls bounds the calls of one component that are under way, so that those that hang do not fill the memory. More wait for
	// one to end, for as long as a call may take.
	maxCalls = 256
)

// Guard calls one component. Its methods may be called by many at once.
type Guard struct {
	what    string
	timeout time.Duration
	slots   chan struct{}
	// hanging counts calls that were given up and have not ended.
	hanging atomic.Int64
	log     log
}

// New returns the guard of a component, which errors and the log name by what: "authenticator tokens". A timeout of 0 is
// DefaultTimeout.
func New(what string, timeout time.Duration) *Guard {
	return &Guard{what: what, timeout: cmp.Or(timeout, DefaultTimeout), slots: make(chan struct{}, maxCalls)}
}

// Failure is a call that has not come to an answer of the component's.
type Failure struct{ message string }

// Error implements error.
func (f *Failure) Error() string { return f.message }

// answer is what a call has come to.
type answer[T any] struct {
	value T
	err   error
}

// Call calls f, with a context that ends when the time is over. A call that panics, that is given up, or that is not begun since so many
// hang, has a *Failure as its error, which is logged once.
func Call[T any](ctx context.Context, g *Guard, f func(context.Context) (T, error)) (T, error) {
	var none T
	if g.hanging.Load() >= maxCalls {
		return none, g.Fail("%d calls hang: it is not asked again until some of them end", maxCalls)
	}
	within, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	select {
	case g.slots <- struct{}{}:
	case <-within.Done():
		return none, g.late(ctx)
	}
	done := make(chan answer[T], 1)
	var settled atomic.Bool // by the answer, or by giving up
	go func() {
		var a answer[T]
		ended := false
		defer func() {
			if !ended { // it has panicked, or has ended the goroutine: there is no reason then
				a = answer[T]{none, g.failAt(panicPlace, "panicked: %v", recover())}
			}
			if settled.CompareAndSwap(false, true) {
				done <- a
			} else {
				g.hanging.Add(-1)
			}
			<-g.slots
		}()
		a.value, a.err = f(within)
		ended = true
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-within.Done():
	}
	g.hanging.Add(1)
	if !settled.CompareAndSwap(false, true) { // it was just in time
		g.hanging.Add(-1)
		a := <-done
		return a.value, a.err
	}
	return none, g.late(ctx)
}

// late is the error of a call that was not answered in time. That a client has gone is not the component's fault.
func (g *Guard) late(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Failure{fmt.Sprintf("%s had not answered when the request ended", g.what)}
	}
	return g.Fail("did not answer within %v", g.timeout)
}

// Fail returns a failure, and logs it once.
func (g *Guard) Fail(format string, args ...any) error {
	return g.failAt(func() string { return "" }, format, args...)
}

// failAt is Fail with a place in the code, for the log alone.
func (g *Guard) failAt(place func() string, format string, args ...any) error {
	text := oneLine(fmt.Sprintf(format, args...))
	g.log.once(g.what+" ", text, place)
	return &Failure{g.what + " " + text}
}

// Note logs an error of the component's own, once.
func (g *Guard) Note(err error) {
	g.log.once(g.what+": ", oneLine(err.Error()), func() string { return "" })
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// panicPlace is the line that panics, which is being recovered from.
func panicPlace() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		isRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !isRuntime {
			return fmt.Sprintf(" at %s:%d", frame.File, frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}

// String is what the component is called.
func (g *Guard) String() string { return g.what }
