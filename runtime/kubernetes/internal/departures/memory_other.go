//go:build !linux

package departures

// touchHeap does nothing: only Linux is asked for huge pages.
func touchHeap(int64) {}

func scatterHeap() {}

func gatherHeap(_, _, _ uint64) uint64 { return 0 }

func mendHeap(uint64) {}

func dropProgramPages() {}
