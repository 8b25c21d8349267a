package sim

import (
	"context"
	"slices"
	"sync"

	"handrail/shared/files"
)

// What is in a Drawer, where, and where it puts what comes in.
const (
	Letter     = "Dear Sir or Madam"
	LetterAt   = "/home/me/letter"
	ReceivedAt = "/home/me/Downloads/letter"
)

// Drawer is a disk with one letter in it, that notes what is done with it.
type Drawer struct {
	mu  sync.Mutex
	did []string
}

func (d *Drawer) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, what)
}

// Did is everything that was done with the disk, in order.
func (d *Drawer) Did() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.did)
}

// Look is a disk's. There is nothing but the letter.
func (d *Drawer) Look(_ context.Context, place string) (files.Thing, error) {
	if place != LetterAt {
		return files.Thing{}, files.ErrUnreadable
	}
	return files.Thing{Place: place, Name: "letter", Size: uint64(len(Letter)), Items: 1}, nil
}

// Open is a disk's.
func (d *Drawer) Open(context.Context, string) (files.Source, error) {
	d.note("open")
	return letter{d}, nil
}

// Keep is a disk's.
func (d *Drawer) Keep(context.Context, files.Thing) (files.Sink, error) {
	d.note("keep")
	return sink{d}, nil
}

// letter is the letter while it is read.
type letter struct{ d *Drawer }

func (letter) Entries() []files.Entry {
	return []files.Entry{{Path: "letter", Size: uint64(len(Letter))}}
}
func (letter) Read(_ int, p []byte, from int64) error { copy(p, Letter[from:]); return nil }
func (l letter) Close()                               { l.d.note("close") }

// sink is what comes in.
type sink struct{ d *Drawer }

func (sink) Kept() ([]files.Entry, bool, []files.Sum) { return nil, false, nil }
func (sink) Anew() error                              { return nil }
func (s sink) Begin(e files.Entry, _ string) error    { s.d.note("begin " + e.Path); return nil }
func (s sink) Chunk(data []byte, _ files.Sum) error   { s.d.note(string(data)); return nil }
func (sink) End() error                               { return nil }
func (s sink) Finish() (string, error)                { s.d.note("finish"); return ReceivedAt, nil }
func (s sink) Close(keep bool)                        { s.d.note(map[bool]string{true: "kept", false: "thrown away"}[keep]) }
