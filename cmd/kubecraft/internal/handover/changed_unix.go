//go:build unix

package handover

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// changed is when the file was last changed in any way, and its number.
func changed(path string) string {
	var s unix.Stat_t
	if unix.Stat(path, &s) != nil {
		return ""
	}
	return fmt.Sprintf("%d %d.%09d", s.Ino, s.Ctim.Sec, s.Ctim.Nsec)
}
