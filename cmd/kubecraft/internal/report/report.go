package report

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Reporter writes steps to one place. It is safe for concurrent use.
type Reporter struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	width    int
	drawn    int // columns of the line that is being redrawn
}

// New reports to out, redrawing lines if it is a terminal.
func New(out io.Writer) *Reporter {
	return &Reporter{out: out, terminal: isTerminal(out), width: columns(os.Getenv("COLUMNS"))}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func columns(setting string) int {
	if n, err := strconv.Atoi(setting); err == nil && n > 20 {
		return n
	}
	return 80
}

// Terminal says whether lines are redrawn.
func (r *Reporter) Terminal() bool { return r.terminal }

// Line writes a line that stays.
func (r *Reporter) Line(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.erase()
	fmt.Fprintf(r.out, format+"\n", args...)
}

// Draw replaces the line that is being redrawn; in a pipe it does nothing.
func (r *Reporter) Draw(format string, args ...any) {
	if !r.terminal {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	line := fmt.Sprintf(format, args...)
	if runes := []rune(line); len(runes) >= r.width {
		line = string(runes[:r.width-1])
	}
	r.erase()
	fmt.Fprint(r.out, line)
	r.drawn = utf8.RuneCountInString(line)
}

// erase blanks the line with spaces, which every terminal knows.
func (r *Reporter) erase() {
	if r.drawn > 0 {
		fmt.Fprint(r.out, "\r"+strings.Repeat(" ", r.drawn)+"\r")
		r.drawn = 0
	}
}

// Erase removes the line that is being redrawn, before somebody else writes to the terminal.
func (r *Reporter) Erase() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.erase()
}

// Count is a number of things, given their singular: "1 file", "2 files".
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Duration is a time for people: "35 ms", "4.1 s", "2 min 5 s".
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
