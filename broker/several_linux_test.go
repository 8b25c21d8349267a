package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail/broker/store"
)

// TestZ05ABrokerThatSleptGivesNobodyAway stops one of two busy brokers for so
// long that the other takes over what it had, and then lets it go on. It tells
// nobody anything that does not hold any more.
func TestZ05ABrokerThatSleptGivesNobodyAway(t *testing.T) {
	place := store.Place{Database: server.Database(t)}
	s, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := errors.Join(enrolled(t.Context(), s, killReps+survivorReps), asking(t.Context(), s)); err != nil {
		t.Fatal(err)
	}
	told := newHeardOf(t)
	here := newSurvivor(s, told)
	stop := here.serve(t)
	complaint := told.read(place, killedLife, func(p *os.Process) error {
		told.busy(t.Context())
		return errors.Join(p.Signal(syscall.SIGSTOP), alone(t.Context(), s), p.Signal(syscall.SIGCONT))
	})
	if !strings.Contains(complaint, errShut.Error()) {
		t.Errorf("its clients were not let go: %s", complaint)
	}
	for session, ticket := range told.tickets {
		here.comesBack(t, session, ticket)
	}
	stop()
	told.compare(place)
}

// alone waits until one broker is left.
func alone(ctx context.Context, s *store.Store) error {
	for {
		all, err := s.Nodes(ctx)
		if err != nil || len(all) == 1 {
			return err
		}
		time.Sleep(redial)
	}
}
