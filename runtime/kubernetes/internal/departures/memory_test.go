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
	boundGarbage(75, false)
	if got := debug.SetGCPercent(300); got != 300 {
		t.Errorf("GOGC is %d", got)
	}
}

// What a busy server has set is taken back when it is at rest.
func TestGarbageIsBoundedWhileBusyOnly(t *testing.T) {
	before := debug.SetGCPercent(75)
	defer debug.SetGCPercent(before)
	if got := boundGarbage(75, false); got != defaultGOGC {
		t.Errorf("GOGC is said to be %d", got)
	}
	if got := debug.SetGCPercent(75); got != defaultGOGC {
		t.Errorf("GOGC is %d", got)
	}
}
