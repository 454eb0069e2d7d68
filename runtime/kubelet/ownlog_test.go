package kubelet

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestOwnLog(t *testing.T) {
	l := newOwnLog()
	fmt.Fprint(l, "one\ntwo\nthr")
	fmt.Fprint(l, "ee\nfour")
	l.end()
	if _, err := fmt.Fprintln(l, "late"); err == nil {
		t.Error("written after its end")
	}
	all := logOptions{tail: -1, limit: -1}
	for name, test := range map[string]struct {
		set  func(*logOptions)
		want string
	}{
		"all":   {func(*logOptions) {}, "one\ntwo\nthree\nfour\n"},
		"tail":  {func(o *logOptions) { o.tail = 2 }, "three\nfour\n"},
		"limit": {func(o *logOptions) { o.limit = 6 }, "one\ntw"},
		"since": {func(o *logOptions) { o.since = time.Now().Add(time.Hour) }, ""},
	} {
		o, shown := all, new(bytes.Buffer)
		test.set(&o)
		l.show(t.Context(), o, shown)
		if shown.String() != test.want {
			t.Errorf("%s: %q", name, shown)
		}
	}
	all.timestamps = true
	shown := new(bytes.Buffer)
	l.show(t.Context(), all, shown)
	at, text, _ := strings.Cut(strings.Split(shown.String(), "\n")[0], " ")
	if _, err := time.Parse(time.RFC3339Nano, at); err != nil || text != "one" {
		t.Errorf("with times: %q", shown)
	}
}

// A log that is followed is shown as it comes, until its end, and the oldest lines of a long one are lost.
func TestOwnLogIsFollowed(t *testing.T) {
	l := newOwnLog()
	for i := range ownLogLines + 10 {
		fmt.Fprintln(l, i)
	}
	shown, done := new(bytes.Buffer), make(chan struct{})
	go func() {
		defer close(done)
		l.show(t.Context(), logOptions{follow: true, tail: 1, limit: -1}, shown)
	}()
	fmt.Fprintln(l, "more")
	l.end()
	<-done
	if text := shown.String(); !strings.HasSuffix(text, "more\n") {
		t.Errorf("followed: %q", text)
	}
	if lines, _, _ := l.from(0); len(lines) != ownLogLines || lines[0].text != "11\n" {
		t.Errorf("%d lines are kept, from %q on", len(lines), lines[0].text)
	}
}

// A line that is too long is kept in parts, and shown as it was written, with one time.
func TestOwnLogOfLongLines(t *testing.T) {
	long := strings.Repeat("x", ownLogLine)
	for _, text := range []string{long + "\n", long + "x\n", long + long + "\nshort\n", strings.Repeat("short\n", 1000) + long + long + long + "\n"} {
		for _, size := range []int{len(text), 1000} {
			l := newOwnLog()
			for rest := text; rest != ""; {
				n, err := l.Write([]byte(rest[:min(size, len(rest))]))
				if err != nil {
					t.Fatal(err)
				}
				if len(l.part) > ownLogLine {
					t.Fatalf("%d bytes wait for a newline", len(l.part))
				}
				rest = rest[n:]
			}
			l.end()
			shown := new(strings.Builder)
			l.show(t.Context(), logOptions{tail: -1, limit: -1}, shown)
			if shown.String() != text {
				t.Errorf("%d bytes are shown of %d", shown.Len(), len(text))
			}
			shown.Reset()
			l.show(t.Context(), logOptions{tail: -1, limit: -1, timestamps: true}, shown)
			if times, lines := strings.Count(shown.String(), "Z "), strings.Count(text, "\n"); times != lines {
				t.Errorf("%d times for %d lines", times, lines)
			}
		}
	}
}
