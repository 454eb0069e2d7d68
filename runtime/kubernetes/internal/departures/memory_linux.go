package departures

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	// startHeap is about what a start allocates.
	startHeap = 64 << 20
	hugePage  = 2 << 20
)

// WarmHeap has the system hand out memory for a start in huge pages, beside the start, and leaves it to the heap. A start
// touches 90 MiB: in pages of 4 KiB these are 23,000 faults, 100 ms on a virtual machine. It does nothing but lose its time where
// the system has no huge pages to give.
func WarmHeap() { warm.Do(warmHeap) }

// warm is for once: a process that starts several servers has its heap by then.
var warm sync.Once

func warmHeap() {
	block := make([]byte, startHeap)
	if err := unix.Madvise(block, unix.MADV_HUGEPAGE); err != nil {
		return
	}
	for i := 0; i < len(block); i += hugePage {
		block[i] = 1
	}
	runtime.KeepAlive(block)
	runtime.GC() // the block is free from here on
}

// dropProgramPages takes the program's own pages out of the process that are as in its file. They stay in the system's cache.
// Pages that have been written to, as a linker's relocations and a debugger's breakpoints do, stay with all of their mapping.
func dropProgramPages() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	var begin, end uint64
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"):
			// begin-end permissions offset device inode path
			begin, end = 0, 0
			if len(fields) == 6 && fields[5] == program && !strings.Contains(fields[1], "w") {
				from, to, _ := strings.Cut(fields[0], "-")
				begin, _ = strconv.ParseUint(from, 16, 64)
				end, _ = strconv.ParseUint(to, 16, 64)
			}
		case len(fields) == 3 && fields[0] == "Anonymous:" && fields[1] == "0" && end > begin:
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(begin), uintptr(end-begin), unix.MADV_DONTNEED)
		}
	}
}
