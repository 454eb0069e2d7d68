package extension

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

const (
	// reloadInterval is how often the file is looked at.
	reloadInterval = time.Second
	// retireAfter is how long what was replaced goes on, for requests that have begun with it.
	retireAfter = 30 * time.Second
	// makePatience is how long a component may take to be made, which may be longer than to answer: it may have much to read, or somebody to
	// ask. After slowMaking that is worth a line, since a start waits for it.
	makePatience = 30 * time.Second
	slowMaking   = 5 * time.Second
)

// reloaded is a component that is made from a file, anew when the file changes. It implements controlplane.Component, which looks
// whether it does.
type reloaded[T any] struct {
	part
	kind string // "authenticator"
	make func(context.Context, File) (T, error)
	// used is called when another is in place, if it is not nil.
	used func()

	current atomic.Pointer[T] // nil while there is none
	// tried is the content that make was last called with.
	tried struct {
		done    bool
		name    string
		content []byte
	}
	lost bool // the file has gone, and that is said

	// life ends with close. Each that is made has a part of it, which retire ends.
	life   context.Context
	close  context.CancelFunc
	retire context.CancelFunc
}

// newReloaded returns one that is closed with the control plane, and looks at its file as long as that runs.
func newReloaded[T any](c *controlplane.Config, p part, kind string, make func(context.Context, File) (T, error)) *reloaded[T] {
	r := &reloaded[T]{part: p, kind: kind, make: make}
	r.life, r.close = context.WithCancel(context.Background())
	c.Closers = append(c.Closers, r.close)
	c.Components = append(c.Components, r)
	return r
}

// what is the component in messages.
func (r *reloaded[T]) what() string { return r.kind + " " + r.Options.Name }

// start makes the component for the first time. The error of a file that cannot be used is a *controlplane.UsageError.
func (r *reloaded[T]) start() error {
	file, err := r.read()
	switch {
	case errors.Is(err, fs.ErrNotExist) && r.given == "" && r.File != "":
		klog.Warningf("%s: %s is not there yet: it is read as soon as it is", r.what(), r.File)
		return nil
	case err != nil:
		return &controlplane.UsageError{Message: fmt.Sprintf("%s: %v", r.what(), err)}
	}
	r.warnOfReaders(file)
	if err := r.use(context.Background(), file); err != nil {
		return &controlplane.UsageError{Message: fmt.Sprintf("%s: %v", r.what(), err)}
	}
	return nil
}

// read returns what the component is to be made from now.
func (r *reloaded[T]) read() (File, error) {
	name := r.given
	if name == "" {
		name = r.File
	}
	if name != "" {
		content, err := os.ReadFile(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || r.given != "" || r.Config == nil {
			return File{name, content}, err
		}
	}
	return File{"configuration of " + r.Options.Name, r.Config}, nil
}

// use makes the component from a file, in place of the one that there is. It does not wait for that when ctx ends.
func (r *reloaded[T]) use(ctx context.Context, file File) error {
	r.tried.done, r.tried.name, r.tried.content = true, file.Name, file.Content
	life, retire := context.WithCancel(r.life)
	made, err := r.call(ctx, life, file)
	if err != nil {
		retire()
		return err
	}
	if before := r.retire; before != nil {
		time.AfterFunc(retireAfter, before)
	}
	r.retire = retire
	r.current.Store(&made)
	if r.used != nil {
		r.used()
	}
	return nil
}

// call calls make. A panic is an error, and so is nil; one that hangs is left behind.
func (r *reloaded[T]) call(ctx, life context.Context, file File) (made T, err error) {
	type outcome struct {
		made T
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{err: fmt.Errorf("making it from %s ended its goroutine", file.Name)}
		defer func() {
			if reason := recover(); reason != nil {
				o.err = fmt.Errorf("making it from %s panicked: %v", file.Name, reason)
			}
			done <- o
		}()
		o.made, o.err = r.make(life, file)
	}()
	defer time.AfterFunc(slowMaking, func() {
		klog.Warningf("%s: making it from %s takes long: it is given up after %v", r.what(), file.Name, makePatience)
	}).Stop()
	patience := time.NewTimer(makePatience)
	defer patience.Stop()
	select {
	case o := <-done:
		if o.err != nil {
			return o.made, o.err
		}
		if value := reflect.ValueOf(o.made); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
			return o.made, fmt.Errorf("making it from %s gives nil, and no error", file.Name)
		}
		return o.made, nil
	case <-patience.C:
		return made, fmt.Errorf("making it from %s did not end within %v: what takes long is for the background, until the context ends", file.Name, makePatience)
	case <-ctx.Done():
		return made, ctx.Err()
	}
}

// Run implements controlplane.Component.
func (r *reloaded[T]) Run(ctx context.Context, _ *rest.Config) error {
	if r.File == "" && r.given == "" {
		return nil
	}
	tick := time.NewTicker(reloadInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			r.look(ctx)
		}
	}
}

// look makes the component anew if its file has changed. Each content is tried once.
func (r *reloaded[T]) look(ctx context.Context) {
	file, err := r.read()
	if err != nil {
		if r.tried.done && !r.lost {
			r.lost = true
			klog.Warningf("%s: %v; what it said before holds", r.what(), err)
		}
		return
	}
	if r.tried.done && r.tried.name == file.Name && bytes.Equal(r.tried.content, file.Content) {
		r.lost = false
		return
	}
	r.lost = false
	r.warnOfReaders(file)
	if err := r.use(ctx, file); err != nil {
		if ctx.Err() != nil { // the server stops
			return
		}
		klog.Errorf("%s: %s; what it said before holds", r.what(), strings.Join(strings.Fields(err.Error()), " "))
		return
	}
	klog.Infof("%s: %s is read", r.what(), file.Name)
}

// warnOfReaders says if others can read what they should not.
func (r *reloaded[T]) warnOfReaders(file File) {
	if !r.Secret || runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(file.Name)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		klog.Warningf("%s: others can read %s: chmod 600 %s", r.what(), file.Name, file.Name)
	}
}

// get returns the component, nil if there is none.
func (r *reloaded[T]) get() (current T, ok bool) {
	if there := r.current.Load(); there != nil {
		return *there, true
	}
	return current, false
}
