package changeset

import (
	"reflect"
	"testing"
)

func sampleJournal() journal {
	return journal{Made: 2, Entries: []entry{
		{Op: opFolder, Path: "pkg/apis"},
		{Op: string(Create), Path: "pkg/apis/a b.go", New: "pkg/apis/.kubecraft-journal-0.new", Sum: "0"},
		{Op: string(Update), Path: "go.mod", New: ".kubecraft-journal-1.new", Old: ".kubecraft-journal-1.old", Sum: "1"},
		{Op: string(Delete), Path: "x", Old: ".kubecraft-journal-2.old"},
	}}
}

func TestJournalRoundTrip(t *testing.T) {
	want := sampleJournal()
	text, err := want.marshal()
	if err != nil {
		t.Fatal(err)
	}
	want.state = begun
	if got, err := parseJournal(text); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	want.state = committed
	if got, err := parseJournal(append(text, commitMark()...)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("with the mark: got %+v, %v", got, err)
	}
}

func TestJournalCutShort(t *testing.T) {
	text, err := sampleJournal().marshal()
	if err != nil {
		t.Fatal(err)
	}
	all := append(text, commitMark()...)
	for n := range len(all) + 1 {
		want := unbegun
		if n >= len(text) {
			want = begun
		}
		if n == len(all) {
			want = committed
		}
		if got, err := parseJournal(all[:n]); err != nil || got.state != want {
			t.Errorf("cut at %d of %d: state %d, want %d, error %v", n, len(all), got.state, want, err)
		}
	}
}

// FuzzJournal feeds the parser what a damaged disk or a hostile checkout could hold: whatever it accepts must stay in
// the root, and no change of a byte above "begin" may go unnoticed.
func FuzzJournal(f *testing.F) {
	text, err := sampleJournal().marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(append(text, commitMark()...))
	f.Add(text[:len(text)/2])
	f.Add([]byte(`{"kubecraftJournal":1}` + "\n" + `{"op":"update","path":"..","new":"/n","old":"o","sum":"s"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := parseJournal(data)
		if err != nil || j.state == unbegun {
			return
		}
		for _, e := range j.Entries {
			if !e.valid() {
				t.Errorf("accepted %+v", e)
			}
		}
		state := j.state
		again, err := j.marshal()
		if err != nil {
			t.Fatal(err)
		}
		j.state = begun
		if got, err := parseJournal(again); err != nil || !reflect.DeepEqual(got, j) {
			t.Errorf("state %d: %+v became %+v, %v", state, j, got, err)
		}
	})
}
