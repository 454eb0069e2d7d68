package worker

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubecraft/kubecraft/runtime/kubelet"
)

// image is what a container runs. It returns the exit code, and is to return when ctx ends: the pod is deleted then.
type image func(ctx context.Context, container kubelet.Container) int

// images are those that the node has, by the names that pods give.
func images() map[string]image {
	return map[string]image{"echo": echo, "exit": exit, "clock": clock}
}

// echo logs its arguments and ends.
func echo(_ context.Context, container kubelet.Container) int {
	fmt.Fprintln(container.Log, strings.Join(container.Spec.Args, " "))
	return 0
}

// exit ends with the code that its argument is.
func exit(_ context.Context, container kubelet.Container) int {
	code, err := strconv.Atoi(strings.Join(container.Spec.Args, " "))
	if err != nil {
		fmt.Fprintf(container.Log, "exit: %v\n", err)
		return 2
	}
	return code
}

// clock logs the time every second until the pod is deleted.
func clock(ctx context.Context, container kubelet.Container) int {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		fmt.Fprintln(container.Log, time.Now().Format(time.RFC3339))
		select {
		case <-ctx.Done():
			return 0
		case <-tick.C:
		}
	}
}

// functions run images.
type functions map[string]image

// Pull implements kubelet.Runtime: an image is there or not.
func (f functions) Pull(_ context.Context, name string) error {
	if f[name] == nil {
		return fmt.Errorf("the node has no image %s; there are %s", name, strings.Join(slices.Sorted(maps.Keys(f)), ", "))
	}
	return nil
}

// Run implements kubelet.Runtime.
func (f functions) Run(ctx context.Context, container kubelet.Container) int {
	return f[container.Spec.Image](ctx, container)
}
