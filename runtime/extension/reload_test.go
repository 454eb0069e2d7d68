package extension

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/funcr"
	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// hanging is made from a file, with the content of which it does what that says. It hangs until released is closed, whatever its context does.
func hanging(c *controlplane.Config, file string, released <-chan struct{}) *reloaded[string] {
	return newReloaded(c, part{Options: Options{Name: "slow", File: file}}, "authenticator", func(ctx context.Context, file File) (string, error) {
		switch content := string(file.Content); content {
		case "hangs":
			<-released
			return content, nil
		case "slow":
			time.Sleep(makePatience - time.Second)
			return content, nil
		case "exits":
			runtime.Goexit()
			return "", nil
		default:
			return content, nil
		}
	})
}

// One that hangs while it is made does not keep a start waiting for ever.
func TestAStartDoesNotWaitForOneThatHangs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	for content, want := range map[string]string{
		"hangs": "authenticator slow: making it from " + file + " did not end within 30s: ",
		"exits": "authenticator slow: making it from " + file + " ended its goroutine",
	} {
		synctest.Test(t, func(t *testing.T) {
			put(t, file, content)
			released := make(chan struct{})
			defer close(released)
			config := &controlplane.Config{}
			r := hanging(config, file, released)
			defer config.Closers[0]()
			err := r.start()
			if wrong, ok := errors.AsType[*controlplane.UsageError](err); !ok || !strings.HasPrefix(wrong.Message, want) || strings.Contains(wrong.Message, "\n") {
				t.Errorf("%s: %v", content, err)
			}
			if current, ok := r.get(); ok {
				t.Errorf("%s: %q is there", content, current)
			}
		})
	}
}

// One that hangs while it is made anew leaves what is there in its place, also when it ends at last, and does not keep later changes from being seen.
func TestWhatHangsAtAChangeIsLeftBehind(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	synctest.Test(t, func(t *testing.T) {
		put(t, file, "first")
		released := make(chan struct{})
		config := &controlplane.Config{}
		r := hanging(config, file, released)
		defer config.Closers[0]()
		if err := r.start(); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx, nil) }()
		is := func(want string) {
			t.Helper()
			if current, _ := r.get(); current != want {
				t.Errorf("%q is there, not %q", current, want)
			}
		}
		put(t, file, "hangs")
		time.Sleep(reloadInterval + makePatience + time.Millisecond)
		is("first")
		put(t, file, "slow")
		time.Sleep(reloadInterval + makePatience)
		is("slow")
		close(released)
		synctest.Wait()
		is("slow")

		put(t, file, "third")
		time.Sleep(reloadInterval)
		synctest.Wait()
		is("third")
		put(t, file, "slow")
		time.Sleep(2 * reloadInterval) // it is being made
		begin := time.Now()
		stop()
		if err := <-ended; err != nil || time.Since(begin) != 0 {
			t.Errorf("a stop takes %v, %v", time.Since(begin), err)
		}
		time.Sleep(makePatience)
		is("third")
	})
}

// A start that waits says for what.
func TestWhatTakesLongToMakeIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	synctest.Test(t, func(t *testing.T) {
		defer klog.CaptureState().Restore()
		var said strings.Builder
		klog.SetLogger(funcr.New(func(_, line string) { said.WriteString(line + "\n") }, funcr.Options{}))
		for content, lines := range map[string]int{"quick": 0, "slow": 1} {
			said.Reset()
			put(t, file, content)
			config := &controlplane.Config{}
			err := hanging(config, file, nil).start()
			if got := strings.Count(said.String(), "authenticator slow: making it from "+file+" takes long"); err != nil || got != lines {
				t.Errorf("%s: %v, said %q", content, err, said.String())
			}
			config.Closers[0]()
		}
	})
}

func put(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
