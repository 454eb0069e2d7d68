package report

import (
	"bytes"
	"testing"
	"time"
)

func TestPipe(t *testing.T) {
	var out bytes.Buffer
	r := New(&out)
	r.Draw("half")
	r.Line("done %d", 1)
	r.Erase()
	if out.String() != "done 1\n" {
		t.Errorf("got %q", out.String())
	}
}

func TestTerminal(t *testing.T) {
	var out bytes.Buffer
	r := &Reporter{out: &out, terminal: true, width: 5}
	r.Draw("ab")
	r.Draw("öbcdefgh")
	r.Line("end")
	want := "ab" + "\r  \r" + "öbcd" + "\r    \r" + "end\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		35 * time.Millisecond:    "35 ms",
		4123 * time.Millisecond:  "4.1 s",
		42500 * time.Millisecond: "43 s",
		125 * time.Second:        "2 min 5 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
