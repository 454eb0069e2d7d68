package departures

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"

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
func WarmHeap() {
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

// dropProgramPages takes the program's own read-only pages out of the process. They stay in the system's cache of the file.
func dropProgramPages() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		// begin-end permissions offset device inode path
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[5] != program || strings.Contains(fields[1], "w") {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		begin, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err1 != nil || err2 != nil || end <= begin {
			continue
		}
		dropRange(uintptr(begin), uintptr(end-begin))
	}
}

func dropRange(address, size uintptr) {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, address, size, unix.MADV_DONTNEED)
}
