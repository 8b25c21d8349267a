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
	place, s, told, here := twoBrokers(t)
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
