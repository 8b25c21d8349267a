package visit

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/files"
	"handrail/shared/session"
	"handrail/shared/wire"
)

const letter = "Dear Sir or Madam"

// drawer is a disk with one letter in it, and one that is too long.
type drawer struct {
	mu  sync.Mutex
	did []string
}

func (d *drawer) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, what)
}

func (d *drawer) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.did)
}

func (d *drawer) Look(_ context.Context, place string) (files.Thing, error) {
	if place != "/home/maria/letter" {
		return files.Thing{}, files.ErrUnreadable
	}
	return files.Thing{Place: place, Name: "letter", Size: uint64(len(letter)), Items: 1}, nil
}

func (d *drawer) Open(context.Context, string) (files.Source, error) { d.note("open"); return d, nil }

func (d *drawer) Keep(context.Context, files.Thing) (files.Sink, error) {
	d.note("keep")
	return sink{d}, nil
}

func (d *drawer) Entries() []files.Entry {
	return []files.Entry{{Path: "letter", Size: uint64(len(letter))}}
}
func (d *drawer) Read(_ int, p []byte, from int64) error { copy(p, letter[from:]); return nil }
func (d *drawer) Close()                                 { d.note("close") }

type sink struct{ d *drawer }

func (sink) Kept() ([]files.Entry, bool, []files.Sum) { return nil, false, nil }
func (sink) Anew() error                              { return nil }
func (s sink) Begin(e files.Entry, _ string) error    { s.d.note("begin " + e.Path); return nil }
func (s sink) Chunk(data []byte, _ files.Sum) error   { s.d.note(string(data)); return nil }
func (sink) End() error                               { return nil }
func (s sink) Finish() (string, error) {
	s.d.note("finish")
	return "/home/maria/Downloads/letter", nil
}
func (s sink) Close(keep bool) { s.d.note(map[bool]string{true: "kept", false: "thrown away"}[keep]) }

// withDisk is a world with a disk, in a session.
func withDisk(t *testing.T, story func(w *world, d *drawer)) {
	t.Helper()
	inWorld(t, func(w *world) {
		d := &drawer{}
		w.visit.doors.Disk = d
		w.begin()
		story(w, d)
	})
}

func TestC03TheCustomersFileIsReadOnceTheRepTakesIt(t *testing.T) {
	withDisk(t, func(w *world, d *drawer) {
		w.do(chat.Files{Paths: []string{"/home/maria/letter", "/home/maria/gone"}})
		w.pass(time.Second)
		if got := w.state().Unsent; got != (chat.Unsent{Name: "gone", Why: wire.HaltUnreadable}) {
			t.Errorf("not offered: %+v", got)
		}
		all := w.state().Session.Transfers
		if len(all) != 1 || !all[0].Mine || all[0].Name != "letter" || len(d.all()) != 0 {
			t.Fatalf("offered %+v, the disk did %q", all, d.all())
		}
		w.rep.do(session.Take{ID: 2, Allow: true})
		w.pass(time.Second)
		rep := w.conn().other
		if err := rep.Send(wire.Packet{Body: &wire.GoOn{ID: 2}}); err != nil {
			t.Fatal(err)
		}
		var got string
		for got != letter {
			b, err := rep.ReceiveBulk(w.t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if p, ok := b.(wire.Piece); ok {
				got += string(p.Data)
			}
		}
		w.rep.do(session.Delivered{ID: 2, Place: "there"})
		w.pass(time.Second)
		if got := w.state().Session.Transfers[0]; got.Stage != session.TransferArrived || !slices.Equal(d.all(), []string{"open", "close"}) {
			t.Errorf("it is %+v, the disk did %q", got, d.all())
		}
	})
}

// TestC03TheRepsFileIsWrittenOnlyAfterAYes, and goes on over a new connection.
func TestC03TheRepsFileIsWrittenOnlyAfterAYes(t *testing.T) {
	withDisk(t, func(w *world, d *drawer) {
		say := func(b wire.Bulk) {
			t.Helper()
			if err := w.conn().other.SendBulk(w.t.Context(), b); err != nil {
				t.Fatal(err)
			}
			w.pass(time.Second)
		}
		item := wire.Item{ID: 1, Size: uint64(len(letter)), Path: "letter"}
		w.rep.do(session.Offer{Place: "/x", Name: "letter", Size: uint64(len(letter)), Items: 1})
		w.pass(2 * time.Second)
		say(item) // before the yes it goes nowhere
		p := w.state().Prompt
		if p == nil || p.Offer == nil || p.Offer.ID != 1 || len(d.all()) != 0 {
			t.Fatalf("the prompt is %+v, the disk did %q", p, d.all())
		}
		w.do(chat.Reply{ID: p.ID, Allow: true})
		w.pass(time.Second)
		say(item)
		w.cut()
		w.pass(5 * time.Second)
		say(item)
		sum := sha256.Sum256([]byte(letter))
		say(wire.Chunk{ID: 1, Size: uint32(len(letter)), Sum: sum})
		say(wire.Piece{ID: 1, Data: []byte(letter)})
		say(wire.ItemEnd{ID: 1, Sum: sha256.Sum256(sum[:])})
		got := w.state().Session.Transfers[0]
		if got.Stage != session.TransferArrived || got.Place != "/home/maria/Downloads/letter" {
			t.Errorf("it is %+v", got)
		}
		if want := []string{"keep", "begin letter", "begin letter", letter, "finish", "kept"}; !slices.Equal(d.all(), want) {
			t.Errorf("the disk did %q", d.all())
		}
	})
}

func TestC03ASessionThatEndsKeepsWhatHasCome(t *testing.T) {
	withDisk(t, func(w *world, d *drawer) {
		for id := range uint32(2) {
			w.rep.do(session.Offer{Place: "/x", Name: "letter", Size: 3, Items: 1})
			w.pass(2 * time.Second)
			w.do(chat.Reply{ID: w.state().Prompt.ID, Allow: true})
			w.pass(time.Second)
			if id == 0 {
				w.do(chat.Halt{ID: 1})
				w.pass(time.Second)
			}
		}
		w.rep.do(session.Leave{})
		w.pass(3 * time.Second)
		if want := []string{"keep", "thrown away", "keep", "kept"}; !slices.Equal(d.all(), want) {
			t.Errorf("the disk did %q", d.all())
		}
	})
}

func TestC03WithoutADiskNothingIsOfferedOrTaken(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.do(chat.Files{Paths: []string{"/home/maria/letter"}})
		w.pass(time.Second)
		if got := w.state().Unsent.Why; got != wire.HaltUnreadable {
			t.Errorf("why is %d", got)
		}
		w.rep.do(session.Offer{Place: "/x", Name: "letter", Size: 3, Items: 1})
		w.pass(2 * time.Second)
		w.do(chat.Reply{ID: w.state().Prompt.ID, Allow: true})
		synctest.Wait()
		w.pass(time.Second)
		if got := w.state().Session.Transfers[0]; got.Stage != session.TransferHalted || got.Why != wire.HaltUnwritable {
			t.Errorf("it is %+v", got)
		}
	})
}
