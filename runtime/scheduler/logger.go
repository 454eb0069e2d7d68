package scheduler

import (
	"context"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// withoutNames has upstream's scheduler give no names to its logger, unless somebody reads the lines that have them: it names it anew for each
// node that it looks at, and a tenth of what it allocates is that.
func withoutNames(ctx context.Context) context.Context {
	if klog.V(1).Enabled() {
		return ctx
	}
	return klog.NewContext(ctx, logr.New(&nameless{klog.FromContext(ctx).GetSink()}))
}

// nameless is a sink that takes no names.
type nameless struct{ logr.LogSink }

// WithName implements logr.LogSink.
func (s *nameless) WithName(string) logr.LogSink { return s }

// WithValues implements logr.LogSink.
func (s *nameless) WithValues(values ...any) logr.LogSink {
	return &nameless{s.LogSink.WithValues(values...)}
}
