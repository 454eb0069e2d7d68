package departures

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// startHeap is about what a start allocates, without what the stored objects take; mostHeap is where it ends.
	startHeap = 64 << 20
	mostHeap  = 256 << 20
	// hugeHeap is how much of the heap, from where it begins, is in huge pages at first. If that is too little, it is growth more each time.
	hugeHeap = 1 << 30
	growth   = 256 << 20
	hugePage = 2 << 20
)

// huge is the part of the heap that is in huge pages.
var huge atomic.Pointer[mapping]

// touchHeap has the system keep the heap in huge pages, and hand out those that the start will need. A start
// touches 90 MiB, and twice the size of the stored objects: in pages of 4 KiB the former are 23,000 faults, 100 ms on a virtual
// machine. Under load the garbage collector, which goes through all of the heap, takes half of its time in huge pages. It
// does nothing but lose its time where the system has no huge pages to give.
func touchHeap(stored int64) {
	size := min(startHeap+2*stored, mostHeap)
	block := make([]byte, max(size, reserve()))
	if err := unix.Madvise(block, unix.MADV_HUGEPAGE); err != nil {
		return
	}
	for i := int64(0); i < size; i += hugePage {
		block[i] = 1
	}
	begin := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(block))))
	huge.Store(&mapping{begin: begin, end: begin + uint64(len(block))})
	runtime.KeepAlive(block)
	runtime.GC() // the block is free from here on
}

// reserve returns hugeHeap if the process may have so much memory, which is not touched, and 0 if not.
func reserve() int64 {
	if strconv.IntSize < 64 || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return 0
	}
	// Asked of the system before Go's runtime does, which takes no refusal.
	block, err := unix.Mmap(-1, 0, hugeHeap, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil || unix.Munmap(block) != nil {
		return 0
	}
	return hugeHeap
}

// scatterHeap lets the heap grow in small pages again. In huge ones an allocation here and there takes back what has been
// given back around it.
func scatterHeap() {
	if m := huge.Load(); m != nil {
		m.advise(unix.MADV_NOHUGEPAGE)
	}
}

// gatherHeap puts the heap's bytes from gathered to size, parts of which have been given back, into huge pages again, and has the rest of it,
// up to mapped, come in huge pages when it is touched. It returns how many bytes are in them now. Go fills its heap from the lowest address
// on, and lets it grow at its end.
func gatherHeap(gathered, size, mapped uint64) uint64 {
	m := huge.Load()
	if m == nil {
		return 0
	}
	grown := m.begin+mapped > m.end
	if grown {
		m = &mapping{begin: m.begin, end: m.begin + mapped/hugePage*hugePage + growth}
		huge.Store(m)
	}
	if grown || gathered == 0 {
		m.advise(unix.MADV_HUGEPAGE)
	}
	if size = size / hugePage * hugePage; size <= gathered {
		return gathered
	}
	mapping{begin: m.begin + gathered, end: m.begin + size}.advise(unix.MADV_COLLAPSE)
	return size
}

// mendHeap puts those parts of the heap, which is mapped bytes, into huge pages again of which some bytes have been given back, as Go does by itself
// when a heap shrinks. They are in small pages from then on, in which a collection has taken several times as long.
func mendHeap(mapped uint64) {
	m := huge.Load()
	if m == nil {
		return
	}
	resident := make([]byte, hugePage/os.Getpagesize())
	for page := (m.begin + hugePage - 1) / hugePage * hugePage; page+hugePage <= min(m.begin+mapped, m.end); page += hugePage {
		if mostlyResident(page, resident) {
			mapping{begin: page, end: page + hugePage}.advise(unix.MADV_COLLAPSE)
		}
	}
}

// mostlyResident says whether three of four pages of what could be a huge one are in memory. pages is of use to it alone.
func mostlyResident(address uint64, pages []byte) bool {
	if _, _, failed := unix.Syscall(unix.SYS_MINCORE, uintptr(address), hugePage, uintptr(unsafe.Pointer(unsafe.SliceData(pages)))); failed != 0 {
		return false
	}
	n := 0
	for _, p := range pages {
		n += int(p & 1)
	}
	return n >= len(pages)*3/4
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
			// Where the system's cache has the file in huge pages, one byte that is needed would bring two megabytes.
			m.advise(unix.MADV_NOHUGEPAGE)
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
