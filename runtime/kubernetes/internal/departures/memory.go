package departures

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// idleAfter is how long a server has been up when it gives back the memory that only its start has needed.
	idleAfter = 3 * time.Second
	// gatherInterval is how often the heap, which grows, is looked at.
	gatherInterval = time.Second
	// dropInterval is how often a server gives back its program's pages: those in use are there again at once.
	dropInterval = 10 * time.Second
)

// GiveBack returns to the system what a start has left: free pages of the heap and, where the system lets it, pages of the
// program that are read from their file when they are needed again. kube-apiserver keeps both: 100 MiB. The program's it gives
// back every now and then. Once the heap grows, all of it goes into huge pages. It returns when ctx ends.
func GiveBack(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(idleAfter):
	}
	debug.FreeOSMemory()
	dropProgramPages()
	gather, drop := time.NewTicker(gatherInterval), time.NewTicker(dropInterval)
	defer gather.Stop()
	defer drop.Stop()
	idle := heapSize()
	for gathered := uint64(0); ; {
		if size := heapSize(); size > idle+idle/4 {
			gathered = gatherHeap(gathered, size)
		}
		select {
		case <-ctx.Done():
			return
		case <-gather.C:
		case <-drop.C:
			dropProgramPages()
		}
	}
}

// heapSize is how many bytes the heap has from the system.
func heapSize() (size uint64) {
	parts := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(parts)
	for _, p := range parts {
		size += p.Value.Uint64()
	}
	return size
}
