package kubelet

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"
)

// ownLogLines is how many lines are kept of a container's log.
const ownLogLines = 10_000

// ownLog is what one run of a container has logged. It implements io.Writer.
type ownLog struct {
	mu    sync.Mutex
	lines []logLine
	first int // the number of the first that is kept
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
	for {
		line, rest, whole := bytes.Cut(l.part, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		l.add(string(line))
		l.part = bytes.Clone(rest)
	}
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
		l.add(string(l.part))
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
	left := o.limit
	for {
		for _, line := range lines {
			if line.at.Before(o.since.Truncate(time.Second)) {
				continue
			}
			text := line.text + "\n"
			if o.timestamps {
				text = line.at.UTC().Format(time.RFC3339Nano) + " " + text
			}
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
