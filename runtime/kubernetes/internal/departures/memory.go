package departures

import (
	"context"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// startGOGC is what the collector is told while a server starts: what it allocates then, it keeps.
	startGOGC, defaultGOGC = 400, 100
	// mostGarbage is how many bytes of garbage a busy server collects at the latest, or half of what lives if that is more: what its heap has been
	// at its largest it takes from then on, for what lives on is all over it.
	mostGarbage = 768 << 20
	// fewStored is for how many bytes of objects that holds: with more, the heap would grow by gigabytes.
	fewStored = 32 << 20
	// startTime is how long a server has been up when it gives back the memory that only its start has needed.
	startTime = 3 * time.Second
	// memoryInterval is how often it looks at what it does: it is busy if it allocates busyRate bytes in that time and busyShare of the heap, which
	// is for what is done for each object in turns, and at rest after restTime without.
	memoryInterval = time.Second
	busyRate       = 8 << 20
	busyShare      = 64
	restTime       = 10 * time.Second
	// largeHeap is one whose collection is work even for a server that does nothing else. It is kept in huge pages, looked at each mendInterval.
	largeHeap    = 512 << 20
	mendInterval = 10 * time.Second
	// collectShare bounds what giving back takes with a large heap, most of which is a collection: one part of a core in so many.
	collectShare = 50
)

// WarmHeap has the system hand out memory beside the start that will need it (see touchHeap), and the garbage collector look at
// it less often: 190 ms of a start and 290 of one over 5,000 pods, of which the collector has 60. stored is how many bytes of
// objects the server will read.
func WarmHeap(stored int64) {
	if stored <= fewStored {
		collectLess(startTime)
	}
	touchHeap(stored)
}

// collectorTold says whether the collector has been told by GOGC or GOMEMLIMIT how often to run.
func collectorTold() bool {
	_, told := os.LookupEnv("GOGC")
	return told || debug.SetMemoryLimit(-1) != math.MaxInt64
}

// collectLess has the garbage collector run less often for a while, unless it has been told how often.
func collectLess(during time.Duration) {
	if collectorTold() {
		return
	}
	if before := debug.SetGCPercent(startGOGC); before != defaultGOGC {
		debug.SetGCPercent(before) // by the program itself
		return
	}
	time.AfterFunc(during, func() { debug.SetGCPercent(defaultGOGC) })
}

// GiveBack returns to the system what a start, or a while of work, has left: free pages of the heap and, where the system
// lets it, pages of the program that are read from their file when they are needed again. kube-apiserver keeps both: 100 MiB
// after a start. While the server is busy, all of its heap goes into huge pages; a large one stays in them. It returns when ctx ends.
func GiveBack(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(startTime):
	}
	tick := time.NewTicker(memoryInterval)
	defer tick.Stop()
	var gathered, resting uint64 // how much of the heap is in huge pages, and its size when it was given back
	told, percent := collectorTold(), defaultGOGC
	defer func() { boundGarbage(percent, false) }()
	rested := restTime
	var due, mended time.Time // when a large heap may be given back again, and when it has been looked at
	for before := allocated(); ; {
		if rested >= restTime {
			rested = 0
			if size, _ := heapSize(); resting == 0 || size > resting+resting/16 && !time.Now().Before(due) {
				began := time.Now()
				debug.FreeOSMemory()
				if resting, _ = heapSize(); resting < largeHeap {
					scatterHeap()
					gathered = 0
				} else {
					due = time.Now().Add(time.Since(began) * collectShare * time.Duration(runtime.GOMAXPROCS(0)))
				}
			}
			dropProgramPages()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := allocated()
		size, mapped := heapSize()
		busy := now-before >= busyRate+size/busyShare
		if !told {
			percent = boundGarbage(percent, busy)
		}
		if busy {
			rested = 0
			gathered = gatherHeap(gathered, size, mapped)
		} else {
			rested += memoryInterval
		}
		if size >= largeHeap && time.Since(mended) >= mendInterval {
			mendHeap(mapped)
			mended = time.Now()
		}
		before = now
	}
}

// boundGarbage has the collector run more often while a server is busy whose heap is large. It returns its GOGC, which was percent, and leaves
// one alone that is another: the program's own, or that of another server in the process.
func boundGarbage(percent int, busy bool) int {
	if metric("/gc/gogc:percent") != uint64(percent) {
		return percent
	}
	want := defaultGOGC
	if busy {
		want = gogc(metric("/gc/heap/live:bytes"))
	}
	if want != percent {
		debug.SetGCPercent(want)
	}
	return want
}

// gogc is what GOGC is to be while a server is busy, of whose heap so many bytes live.
func gogc(live uint64) int {
	if live <= mostGarbage {
		return defaultGOGC
	}
	return max(int(mostGarbage*defaultGOGC/live), defaultGOGC/2)
}

// allocated is how many bytes the process has allocated since it began.
func allocated() uint64 { return metric("/gc/heap/allocs:bytes") }

func metric(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// heapSize is how many bytes the heap has from the system, and how many with those that it has given back and will take again.
func heapSize() (size, mapped uint64) {
	parts := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(parts)
	for _, p := range parts {
		mapped += p.Value.Uint64()
	}
	return mapped - parts[len(parts)-1].Value.Uint64(), mapped
}
