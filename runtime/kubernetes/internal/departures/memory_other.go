//go:build !linux

package departures

// WarmHeap does nothing: only Linux is asked for huge pages.
func WarmHeap(int64) {}

func gatherHeap(_, _ uint64) uint64 { return 0 }

func dropProgramPages() {}
