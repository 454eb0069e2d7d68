package guard

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"k8s.io/klog/v2"
)

// logged has klog write to the result until the test ends.
func logged(t *testing.T) func() []string {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	klog.SetLogger(funcr.New(func(_, args string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, args)
	}, funcr.Options{}))
	t.Cleanup(klog.ClearLogger)
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, lines...)
	}
}

func call(g *Guard, f func(context.Context) (int, error)) (int, error) {
	return Call(context.Background(), g, f)
}

func TestAnswersArePassedOn(t *testing.T) {
	g := New("thing", 0)
	wrong := errors.New("wrong")
	if got, err := call(g, func(context.Context) (int, error) { return 7, wrong }); got != 7 || !errors.Is(err, wrong) {
		t.Errorf("%d, %v", got, err)
	}
	type key struct{}
	got, err := Call(context.WithValue(context.Background(), key{}, 8), g, func(ctx context.Context) (int, error) {
		if _, limited := ctx.Deadline(); !limited {
			return 0, errors.New("no deadline")
		}
		return ctx.Value(key{}).(int), nil
	})
	if got != 8 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}

func TestPanicsAreFailures(t *testing.T) {
	lines := logged(t)
	g := New("thing n7", 0)
	for name, f := range map[string]func(context.Context) (int, error){
		"panicked: out of cheese at": func(context.Context) (int, error) { panic("out of\ncheese at\n") },
		"panicked: <nil>":            func(context.Context) (int, error) { runtime.Goexit(); return 1, nil },
		"nil pointer dereference":    func(context.Context) (int, error) { var p *int; return *p, nil },
	} {
		got, err := call(g, f)
		if failure, ok := errors.AsType[*Failure](err); got != 0 || !ok || !strings.HasPrefix(failure.Error(), "thing n7 ") || !strings.Contains(failure.Error(), name) || strings.Contains(failure.Error(), "\n") {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
	before := len(lines())
	if before != 3 || !strings.Contains(strings.Join(lines(), "\n"), "guard_test.go:") {
		t.Errorf("logged: %q", lines())
	}
	_, _ = call(g, func(context.Context) (int, error) { panic("out of\ncheese at\n") })
	if after := lines(); len(after) != before {
		t.Errorf("logged twice: %q", after)
	}
}

func TestHangingCallsAreBounded(t *testing.T) {
	lines := logged(t)
	g := New("thing", 500*time.Millisecond) // enough for all to begin
	release := make(chan struct{})
	var begun, given sync.WaitGroup
	begun.Add(maxCalls)
	hang := func(context.Context) (int, error) { begun.Done(); <-release; return 1, nil }
	for range maxCalls {
		given.Go(func() {
			if _, err := call(g, hang); err == nil || !strings.Contains(err.Error(), "did not answer within 500ms") {
				t.Errorf("a call that hangs: %v", err)
			}
		})
	}
	given.Wait()
	begun.Wait()
	_, err := call(g, func(context.Context) (int, error) { t.Error("called beside so many that hang"); return 1, nil })
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(maxCalls, " calls hang")) {
		t.Errorf("one more: %v", err)
	}
	if len(lines()) != 2 {
		t.Errorf("logged: %q", lines())
	}
	close(release)
	for begin := time.Now(); ; time.Sleep(time.Millisecond) {
		if got, err := call(g, func(context.Context) (int, error) { return 2, nil }); err == nil && got == 2 {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatal("not asked again after they have ended")
		}
	}
}

func TestCallsWaitForAPlace(t *testing.T) {
	g := New("thing", time.Minute)
	var all sync.WaitGroup
	for i := range 4 * maxCalls {
		all.Go(func() {
			if got, err := call(g, func(context.Context) (int, error) { runtime.Gosched(); return i, nil }); got != i || err != nil {
				t.Errorf("%d: %d, %v", i, got, err)
			}
		})
	}
	all.Wait()
}

func TestAClientThatGoesIsNotLogged(t *testing.T) {
	lines := logged(t)
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	defer close(release)
	_, err := Call(ctx, New("thing", time.Minute), func(context.Context) (int, error) { cancel(); <-release; return 1, nil })
	if err == nil || len(lines()) != 0 {
		t.Errorf("%v, logged %q", err, lines())
	}
}

func TestCausesAreLoggedOnce(t *testing.T) {
	lines := logged(t)
	g := New("thing", 0)
	for i := range 5 {
		g.Note(fmt.Errorf("token has expired %d seconds ago", i))
		g.Note(fmt.Errorf("no user %q", fmt.Sprint("a", i)))
	}
	if got := lines(); len(got) != 2 || !strings.Contains(got[0], "thing: token has expired 0 seconds ago") {
		t.Errorf("logged %q", got)
	}
	for i := range 3 * maxCauses {
		g.Note(errors.New(strings.Repeat("x", i+1)))
	}
	if got := lines(); len(got) != maxCauses+1 || !strings.Contains(got[maxCauses], "not logged any more") {
		t.Errorf("%d lines: %q", len(got), got[len(got)-1])
	}
}
