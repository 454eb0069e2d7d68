package departures

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	// startHeap is about what a start allocates, without what the stored objects take; mostHeap is where it ends.
	startHeap = 64 << 20
	mostHeap  = 256 << 20
	hugePage  = 2 << 20
)

// WarmHeap has the system hand out memory for a start in huge pages, beside the start, and leaves it to the heap. A start
// touches 90 MiB, and twice the size of the stored objects: in pages of 4 KiB the former are 23,000 faults, 100 ms on a virtual
// machine. It does nothing but lose its time where the system has no huge pages to give.
func WarmHeap(stored int64) { warm.Do(func() { warmHeap(min(startHeap+2*stored, mostHeap)) }) }

// warm is for once: a process that starts several servers has its heap by then.
var warm sync.Once

func warmHeap(size int64) {
	block := make([]byte, size)
	if err := unix.Madvise(block, unix.MADV_HUGEPAGE); err != nil {
		return
	}
	for i := 0; i < len(block); i += hugePage {
		block[i] = 1
	}
	runtime.KeepAlive(block)
	runtime.GC() // the block is free from here on
}

// coolHeap makes what WarmHeap has warmed memory like any other: pages that are given back would come again by 2 MiB each.
func coolHeap() {
	eachMapping(func(m mapping) {
		if m.has("hg") {
			m.advise(unix.MADV_NOHUGEPAGE)
		}
	})
}

// dropProgramPages takes the program's own pages out of the process that are as in its file. They stay in the system's cache.
// Pages that have been written to, as a linker's relocations and a debugger's breakpoints do, stay with all of their mapping.
func dropProgramPages() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	eachMapping(func(m mapping) {
		if m.path == program && !m.has("wr") && m.anonymous == "0" {
			m.advise(unix.MADV_DONTNEED)
		}
	})
}

// mapping is a part of the process's memory, as /proc/self/smaps has it.
type mapping struct {
	begin, end uint64
	path       string
	anonymous  string   // KiB of it that no file has
	flags      []string // VmFlags
}

func (m mapping) has(flag string) bool { return slices.Contains(m.flags, flag) }

func (m mapping) advise(advice uintptr) {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(m.begin), uintptr(m.end-m.begin), advice)
}

// eachMapping calls do for each of them.
func eachMapping(do func(mapping)) {
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	var m mapping
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"):
			// begin-end permissions offset device inode path
			from, to, _ := strings.Cut(fields[0], "-")
			m = mapping{}
			m.begin, _ = strconv.ParseUint(from, 16, 64)
			m.end, _ = strconv.ParseUint(to, 16, 64)
			if len(fields) > 5 {
				m.path = fields[5]
			}
		case len(fields) == 3 && fields[0] == "Anonymous:":
			m.anonymous = fields[1]
		case len(fields) > 0 && fields[0] == "VmFlags:": // the last line of each
			m.flags = fields[1:]
			do(m)
		}
	}
}
