package departures

import (
	"runtime/debug"
	"testing"
)

func TestGarbageIsBounded(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, mostGarbage: 100, mostGarbage * 4 / 3: 75, mostGarbage * 2: 50, mostGarbage * 8: 50} {
		if got := gogc(live); got != want {
			t.Errorf("with %d MiB that live GOGC is %d, not %d", live>>20, got, want)
		}
	}
}

// What a program has set by itself stays.
func TestCollectorIsNotTakenFromTheProgram(t *testing.T) {
	before := debug.SetGCPercent(300)
	defer debug.SetGCPercent(before)
	g := garbage{percent: 75}
	g.bound(false)
	if got := debug.SetGCPercent(300); got != 300 || !g.told {
		t.Errorf("GOGC is %d, and it is told: %v", got, g.told)
	}
}
