package kubernetes_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubecraft/kubecraft/runtime/kubernetes/internal/departures"
)

// memoryChild is childProcess's value for a program that holds memory as a server does: little, then much.
const memoryChild = "memory"

const (
	started = 96 << 20  // bytes that a start touches, of which a part lives on, here and there
	loaded  = 160 << 20 // and what comes under load
	large   = 800 << 20 // of which seven eighths live on
)

// A process at rest gives back what its start, or a while of work, has needed; one that is busy has its heap in huge pages, and so has one at rest
// whose heap is large. With much that lives it has the collector run more often while it is busy.
func TestMemoryIsGivenBackAndGathered(t *testing.T) {
	t.Parallel()
	huge, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	if err != nil || strings.Contains(string(huge), "[never]") {
		t.Skip("this system has no huge pages to give")
	}
	cmd := exec.Command(os.Args[0])
	told := func(variable string) bool {
		return strings.HasPrefix(variable, "GOGC=") || strings.HasPrefix(variable, "GOMEMLIMIT=")
	}
	cmd.Env = append(slices.DeleteFunc(os.Environ(), told), childProcess+"="+memoryChild)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := string(out); got != "given back\ngathered\ngiven back\nmended\nbounded\nas it was\n" {
		t.Error(got)
	}
}

// holdMemory is the program. It says what it has seen happen, in time.
func holdMemory() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	departures.WarmHeap(0)
	live := touched(started)
	before := residents()
	// An eighth of it is needed on: giving back the others leaves holes, which the heap fills in small pages.
	live = thinned(live, 1)
	go departures.GiveBack(ctx)
	if err := within(patience, func() bool { return residents().all < before.all-started/2 }); err != nil {
		fmt.Printf("of %d MiB %d are left\n", before.all>>20, residents().all>>20)
		return 1
	}
	fmt.Println("given back")
	live = append(live, touched(loaded)...)
	if err := within(patience, func() bool { return residents().huge > loaded }); err != nil {
		fmt.Printf("%d MiB of %d are in huge pages\n", residents().huge>>20, residents().all>>20)
		return 1
	}
	fmt.Println("gathered")
	busy := residents()
	runtime.KeepAlive(live)
	live = nil
	if err := within(patience, func() bool { return residents().all < busy.all-loaded/2 }); err != nil {
		fmt.Printf("after the load, of %d MiB %d are left\n", busy.all>>20, residents().all>>20)
		return 1
	}
	fmt.Println("given back")
	live = thinned(touched(large), 7)
	if err := within(patience, func() bool { return residents().huge < large/2 }); err != nil { // as soon as each huge page has holes
		fmt.Printf("after the heap was large, %d MiB are in huge pages\n", residents().huge>>20)
		return 1
	}
	if err := within(patience, func() bool { return residents().huge > large*3/4 }); err != nil {
		fmt.Printf("a large heap has %d MiB of %d in huge pages\n", residents().huge>>20, residents().all>>20)
		return 1
	}
	fmt.Println("mended")
	live = append(live, touched(loaded)...)
	runtime.GC() // which counts what lives
	if err := within(patience, func() bool { touched(8 << 20); return collectedAt() < 100 }); err != nil {
		fmt.Printf("GOGC is %d while it is busy\n", collectedAt())
		return 1
	}
	fmt.Println("bounded")
	if err := within(patience, func() bool { return collectedAt() == 100 }); err != nil {
		fmt.Printf("GOGC is %d at rest\n", collectedAt())
		return 1
	}
	runtime.KeepAlive(live)
	fmt.Println("as it was")
	return 0
}

// collectedAt is GOGC as it is.
func collectedAt() uint64 {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// thinned leaves so many eighths of each 512 KiB of pieces. A page of the heap, of 8 KiB, is free if all pieces in it are.
func thinned(pieces [][]byte, eighths int) [][]byte {
	kept := pieces[:0]
	for i := 0; i < len(pieces); i += 512 {
		kept = append(kept, pieces[i:i+64*eighths]...)
	}
	clear(pieces[len(kept):])
	return kept
}

// touched returns so many bytes, in small pieces, as objects are.
func touched(bytes int) [][]byte {
	pieces := make([][]byte, bytes>>10)
	for i := range pieces {
		pieces[i] = make([]byte, 1<<10)
		pieces[i][0] = 1
	}
	return pieces
}

func within(limit time.Duration, ask func() bool) error {
	for begin := time.Now(); !ask(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > limit {
			return context.DeadlineExceeded
		}
	}
	return nil
}

// resident is how many bytes of memory the process has.
type resident struct{ all, huge int }

func residents() (r resident) {
	file, err := os.Open("/proc/self/smaps_rollup")
	if err != nil {
		return r
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "Rss:":
			r.all = kib << 10
		case "AnonHugePages:":
			r.huge = kib << 10
		}
	}
	return r
}
