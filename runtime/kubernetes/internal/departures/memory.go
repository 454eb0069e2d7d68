package departures

import (
	"context"
	"runtime/debug"
	"time"
)

const (
	// idleAfter is how long a server has been up when it gives back the memory that only its start has needed.
	idleAfter = 3 * time.Second
	// dropInterval is how often it gives back its program's pages: those in use are there again at once.
	dropInterval = 10 * time.Second
)

// GiveBack returns to the system what a start has left: free pages of the heap and, where the system lets it, pages of the
// program that are read from their file when they are needed again. kube-apiserver keeps both: 100 MiB. The program's it gives
// back every now and then. It returns when ctx ends.
func GiveBack(ctx context.Context) {
	wait := time.NewTimer(idleAfter)
	defer wait.Stop()
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if first {
			coolHeap()
			debug.FreeOSMemory()
		}
		dropProgramPages()
		wait.Reset(dropInterval)
	}
}
