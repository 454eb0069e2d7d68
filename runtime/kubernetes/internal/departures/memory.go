package departures

import (
	"context"
	"runtime/debug"
	"time"
)

// idleAfter is how long a server has been up when it gives back the memory that only its start has needed.
const idleAfter = 3 * time.Second

// GiveBack returns to the system what a start has left: free pages of the heap and, where the system lets it, pages of the
// program that are read from their file when they are needed again. kube-apiserver keeps both: 100 MiB. It returns when ctx
// ends or it is done.
func GiveBack(ctx context.Context) {
	wait := time.NewTimer(idleAfter)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return
	case <-wait.C:
	}
	debug.FreeOSMemory()
	dropProgramPages()
}
