package controller

import (
	"context"
	"errors"
	"testing"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// heldLease is a lease in memory.
type heldLease struct {
	resourcelock.Interface
	holder string
	writes []string
}

func (l *heldLease) Identity() string { return "me" }

func (l *heldLease) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return &resourcelock.LeaderElectionRecord{HolderIdentity: l.holder}, nil, nil
}

func (l *heldLease) Update(_ context.Context, record resourcelock.LeaderElectionRecord) error {
	l.holder = record.HolderIdentity
	l.writes = append(l.writes, record.HolderIdentity)
	return nil
}

// The lease is given back when all work has ended, and not before.
func TestTheLeaseIsGivenBackAfterTheWork(t *testing.T) {
	lease, working := &heldLease{holder: "me"}, &tenure{done: make(chan struct{})}
	stopped := make(chan struct{})
	l := &lock{Interface: lease, tenure: working, stop: func() { close(stopped) }}
	if !working.begin() {
		t.Fatal("no work begins")
	}
	if err := l.Update(t.Context(), resourcelock.LeaderElectionRecord{HolderIdentity: "me"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	given := make(chan error)
	go func() { given <- l.Update(t.Context(), resourcelock.LeaderElectionRecord{}) }()
	<-stopped
	select {
	case err := <-given:
		t.Fatalf("given back while there is work: %v", err)
	default:
	}
	if len(lease.writes) != 1 {
		t.Fatalf("wrote %q", lease.writes)
	}
	close(working.done)
	if err := <-given; err != nil || lease.holder != "" {
		t.Errorf("held by %q, %v", lease.holder, err)
	}
}

// Work that does not end in time keeps the lease until that expires, and one that is another's by then is left alone.
func TestTheLeaseIsKeptWhileThereIsWork(t *testing.T) {
	for holder, ends := range map[string]bool{"me": false, "another": true} {
		lease, working := &heldLease{holder: holder}, &tenure{done: make(chan struct{})}
		l := &lock{Interface: lease, tenure: working, stop: func() {}}
		working.begin()
		if _, _, err := l.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if ends {
			close(working.done)
		} else {
			cancel()
		}
		err := l.Update(ctx, resourcelock.LeaderElectionRecord{})
		cancel()
		if errors.Is(err, context.Canceled) == ends || len(lease.writes) != 0 {
			t.Errorf("held by %s: %v, wrote %q", holder, err, lease.writes)
		}
	}
}
