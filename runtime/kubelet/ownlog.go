package kubelet

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// ownLogLines is how many lines are kept of a container's log.
	ownLogLines = 10_000
	// ownLogLine is how long a line may be, in bytes: a longer one is kept as several, as the CRI has it.
	ownLogLine = 16 << 10
)

// ownLog is what one run of a container has logged. It implements io.Writer.
type ownLog struct {
	mu    sync.Mutex
	lines []logLine // with their newlines: one without goes on in the next
	first int       // the number of the first that is kept
	part  []byte
	ended bool
	more  chan struct{} // closed at the next line, and at the end
}

func newOwnLog() *ownLog { return &ownLog{more: make(chan struct{})} }

// Write implements io.Writer.
func (l *ownLog) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return 0, io.ErrClosedPipe
	}
	l.part = append(l.part, text...)
	rest := l.part
	for {
		// A newline that comes right after the longest line is still its own.
		at := bytes.IndexByte(rest[:min(len(rest), ownLogLine+1)], '\n') + 1
		if at == 0 && len(rest) > ownLogLine {
			at = ownLogLine
		}
		if at == 0 {
			break
		}
		l.add(string(rest[:at]))
		rest = rest[at:]
	}
	if len(rest) < len(l.part) { // what has been cut off is not kept
		l.part = bytes.Clone(rest)
	}
	return len(text), nil
}

func (l *ownLog) add(line string) {
	l.lines = append(l.lines, logLine{time.Now(), line})
	if len(l.lines) > ownLogLines {
		l.lines, l.first = l.lines[1:], l.first+1
	}
	close(l.more)
	l.more = make(chan struct{})
}

// end closes the log.
func (l *ownLog) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	if len(l.part) > 0 {
		l.add(string(l.part) + "\n")
	}
	l.ended = true
	close(l.more)
}

// from returns the lines from a number on, the number after them, and what tells of more: nil if none come.
func (l *ownLog) from(number int) (lines []logLine, next int, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines = l.lines[min(max(0, number-l.first), len(l.lines)):]
	if !l.ended {
		more = l.more
	}
	return lines, l.first + len(l.lines), more
}

// show writes the log and, if it is to be followed, what comes, until the container ends or ctx does.
func (l *ownLog) show(ctx context.Context, o logOptions, to io.Writer) {
	lines, next, more := l.from(0)
	if o.tail >= 0 && len(lines) > o.tail {
		lines = lines[len(lines)-o.tail:]
	}
	left, begins := o.limit, true
	for {
		for _, line := range lines {
			if line.at.Before(o.since.Truncate(time.Second)) {
				continue
			}
			text := line.text
			if o.timestamps && begins {
				text = line.at.UTC().Format(time.RFC3339Nano) + " " + text
			}
			begins = strings.HasSuffix(text, "\n")
			if o.limit >= 0 {
				text = text[:min(len(text), left)]
				left -= len(text)
			}
			if _, err := io.WriteString(to, text); err != nil || o.limit >= 0 && left == 0 {
				return
			}
		}
		if !o.follow || more == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-more:
		}
		lines, next, more = l.from(next)
	}
}
