// Package transcript is what was said and done in one session, as it is handed
// out and as people read it (row T01).
//
// A File holds the parts that consoles have told the broker, sealed or not:
// reports write it (Write), and whoever may read it, reads it (Read). Lines puts
// the parts of all reps in order of time, says where something is missing, and
// leaves it to package words to make sentences of them.
package transcript

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"handrail/shared/wire"
)

// ErrNone: what was read is no transcript, or not a whole one. What is wrong
// with it is in the error's text.
var ErrNone = errors.New("transcript: no transcript")

// ErrTooLong: a file would have more than MaxFile bytes.
var ErrTooLong = errors.New("transcript: too long for a file")

const (
	title   = "transcript"
	version = 1

	// MaxFile is how many bytes a file may have. An hour has some 100 KB.
	MaxFile = 64 << 20
)

// File is a session's transcript. Times are Unix milliseconds.
type File struct {
	Session  wire.SessionID `json:"session"`
	Customer string         `json:"customer,omitempty"` // the name, empty if none was given
	Began    int64          `json:"began"`
	Ended    int64          `json:"ended,omitempty"` // 0: it goes on
	Parts    []Part         `json:"parts"`
}

// Part is what a console has told in one message: sealed, or to be read by
// everybody who has the file. Of those that are
// not sealed only the ones are there that have something in them.
type Part struct {
	Rep     uint64       `json:"rep"`  // the rep's number: parts are counted for each
	Name    string       `json:"name"` // what the broker calls the rep
	Number  uint32       `json:"part"`
	Kept    int64        `json:"kept"` // when the broker had it
	Sealed  []byte       `json:"sealed,omitempty"`
	Entries []wire.Entry `json:"entries,omitempty"`
}

// container is a File with a title, so that people and programs know what they
// have.
type container struct {
	Handrail string `json:"handrail"`
	Version  int    `json:"version"`
	File
}

// Write writes a file for Read. Its error is ErrTooLong where Read would not
// take it for its length.
func Write(to io.Writer, f File) error {
	if err := f.check(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(container{title, version, f}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing a transcript: %w", err)
	}
	if len(b) >= MaxFile {
		return ErrTooLong
	}
	if _, err := to.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("writing a transcript: %w", err)
	}
	return nil
}

// Read reads what Write wrote. Whether what is in it is true only those parts
// prove that were sealed. Its error is ErrNone.
func Read(b []byte) (File, error) {
	if len(b) > MaxFile {
		return File{}, fmt.Errorf("%w: %d bytes", ErrNone, len(b))
	}
	var c container
	if err := json.Unmarshal(b, &c); err != nil {
		return File{}, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if c.Handrail != title || c.Version != version {
		return File{}, fmt.Errorf("%w: %q of version %d", ErrNone, c.Handrail, c.Version)
	}
	if err := c.check(); err != nil {
		return File{}, err
	}
	return c.File, nil
}

// check says what is wrong with a file.
func (f File) check() error {
	if f.Began < 0 || f.Ended < 0 {
		return fmt.Errorf("%w: a time before 1970", ErrNone)
	}
	if f.Customer != wire.Name(f.Customer) {
		return fmt.Errorf("%w: %q is not how a customer is called", ErrNone, f.Customer)
	}
	seen := make(map[source]bool, len(f.Parts))
	for _, p := range f.Parts {
		if err := p.check(f.Session); err != nil {
			return fmt.Errorf("%w: part %d of rep %d: %w", ErrNone, p.Number, p.Rep, err)
		}
		if s := (source{p.Rep, p.Number}); seen[s] {
			return fmt.Errorf("%w: part %d of rep %d twice", ErrNone, p.Number, p.Rep)
		} else {
			seen[s] = true
		}
	}
	return nil
}

// source is what a part is known by in its session.
type source struct {
	rep  uint64
	part uint32
}

func (p Part) check(session wire.SessionID) error {
	if p.Name != wire.Name(p.Name) || p.Kept < 0 {
		return errors.New("not told by whom, or when")
	}
	if (len(p.Sealed) == 0) == (len(p.Entries) == 0) {
		return errors.New("either sealed or not")
	}
	// It came in a message, so it fits into one again.
	_, err := wire.Append(nil, wire.Packet{Body: &wire.Log{Session: session, Part: p.Number, Entries: p.Entries, Sealed: p.Sealed}})
	return err
}

// sorted are the parts by rep and number.
func (f File) sorted() []Part {
	return slices.SortedFunc(slices.Values(f.Parts), func(a, b Part) int {
		return cmp.Or(cmp.Compare(a.Rep, b.Rep), cmp.Compare(a.Number, b.Number))
	})
}
