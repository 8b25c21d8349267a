package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"handrail/broker/relay"
	"handrail/broker/store"
	"handrail/shared/transcript"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// TestA05ABrokerThatEndsNamesWhatIsAtFault: who is called at night looks at the
// disk or at the database's machine.
func TestA05ABrokerThatEndsNamesWhatIsAtFault(t *testing.T) {
	away := fmt.Errorf("%w: %w", relay.ErrCantKeep, fmt.Errorf("keeping: %w", store.ErrAway))
	full := fmt.Errorf("%w: %w", relay.ErrCantKeep, errors.New("disk full"))
	file, database := store.Place{Dir: "data"}, store.Place{Dir: "data", Database: "postgres://db.example.org/handrail"}
	for name, c := range map[string]struct {
		place store.Place
		err   error
		says  words.Sentence
	}{
		"the disk":              {file, full, words.BrokerCantKeep},
		"the database":          {database, full, words.BrokerCantUseDatabase},
		"the database is away ": {database, away, words.BrokerDatabaseAway},
	} {
		h := &house{set: &told{place: c.place}}
		var says *trouble
		if !errors.As(h.ended(c.err), &says) || says.sentence != c.says {
			t.Errorf("%s: says %+v", name, says)
		}
	}
	if err := (&house{}).ended(nil); err != nil {
		t.Errorf("a good end is %v", err)
	}
}

// TestZ05WhoIsThrownOutStaysOut: of two brokers with one place the later one
// serves, and nothing starts the other one again. After a crash there is no
// other one.
func TestZ05WhoIsThrownOutStaysOut(t *testing.T) {
	dir := t.TempDir()
	first := start(t, dir, "127.0.0.1:0")
	second := start(t, dir, "127.0.0.1:0")
	select {
	case err := <-first.ended:
		var end *exec.ExitError
		if !errors.As(err, &end) || end.ExitCode() != exitReplaced {
			t.Errorf("the first one ended with %v\n%s", err, first.log)
		}
	case <-time.After(patience):
		t.Fatal("both serve")
	}
	second.dial(wire.RoleCustomer)
	_ = second.end(os.Kill)
	start(t, dir, "127.0.0.1:0").dial(wire.RoleCustomer)
}

// TestA05AFullDiskIsNoDamagedKey: who is told to restore a key that was never
// there looks in the wrong place.
func TestA05AFullDiskIsNoDamagedKey(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "gone") // as little can be written there
	_, err := openCertificate(&told{data: nowhere, host: "localhost"}, "")
	var says *trouble
	if !errors.As(err, &says) || says.sentence != words.BrokerCantKeep {
		t.Errorf("says %+v", says)
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestA05WhatCouldNotBePrintedIsNoSuccess: a script that keeps what a command
// prints must hear that there is nothing.
func TestA05WhatCouldNotBePrintedIsNoSuccess(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, "127.0.0.1:0")
	sealed, key, _, _ := organisationKey(t)
	for _, args := range [][]string{
		{"site", "--data", dir},
		{"enrol", "--data", dir, "--name", "Anna"},
		{"first-admin", "--data", dir},
		{"verify-audit", "--data", dir},
		{"organisation-key", "--passphrase-file", sealed, "--of", key},
	} {
		if code := do(t.Context(), args, fullDisk{}, io.Discard); code != exitFailed {
			t.Errorf("%s: code %d", args[0], code)
		}
	}
	c := &command{out: fullDisk{}, notice: io.Discard}
	if c.tellTranscript(transcript.File{}, nil) == nil {
		t.Error("a transcript is no success")
	}
}
