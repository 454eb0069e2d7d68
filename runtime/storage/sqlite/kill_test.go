package sqlite

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// writerVariable names the file that a child process of TestKillLosesNothing writes to.
const writerVariable = "KUBECRAFT_TEST_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerVariable); path != "" {
		if err := writeForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForever writes from several goroutines and tells each write that is acknowledged on standard output.
func writeForever(path string) error {
	l, err := Open(path, 1)
	if err != nil {
		return err
	}
	b, err := l.Load()
	if err != nil {
		return err
	}
	s := b.Open(mvcc.Options{Log: l})
	start := s.Revision()
	var mu sync.Mutex
	failed := make(chan error)
	for writer := range 8 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d-%d", start, writer, i)
				revision, err := put(s, key, []byte(strings.Repeat(key, 50)))
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Printf("%s %d\n", key, revision)
				mu.Unlock()
				if i%500 == 499 {
					if err := s.Compact(revision - 1); err != nil && err != mvcc.ErrCompacted {
						failed <- err
						return
					}
				}
			}
		}()
	}
	return <-failed
}

func TestKillLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	acknowledged := map[string]int64{}
	for round := range 8 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), writerVariable+"="+path)
		var complaint strings.Builder
		child.Stderr = &complaint
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		before := len(acknowledged)
		for lines.Scan() {
			var key string
			var revision int64
			if n, _ := fmt.Sscanf(lines.Text(), "%s %d", &key, &revision); n == 2 {
				acknowledged[key] = revision
			}
			if len(acknowledged)-before == 500+round*150 {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // killed
		if len(acknowledged) == before {
			t.Fatalf("round %d: nothing was written: %s", round, complaint.String())
		}

		l, s := open(t, path) // at once: the lock has gone with the process
		for key, revision := range acknowledged {
			kv, _, err := s.Get(key, 0)
			if err != nil || kv == nil || kv.ModRevision != revision || string(kv.Value) != strings.Repeat(key, 50) {
				t.Fatalf("round %d: %s of revision %d is lost: %v, %v", round, key, revision, kv, err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged writes", len(acknowledged))
}
