package shift

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail/rep-console/console"
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
	if place != "/home/anna/letter" {
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
	return "/home/anna/Downloads/letter", nil
}
func (s sink) Close(keep bool) { s.d.note(map[bool]string{true: "kept", false: "thrown away"}[keep]) }

// withDisk is an office with a disk, and a customer.
func withDisk(t *testing.T, story func(o *office, c *customer, d *drawer)) {
	t.Helper()
	inOffice(t, func(o *office) {
		d := &drawer{}
		o.shift.doors.Disk = d
		o.open()
		story(o, o.serve(1), d)
	})
}

// say sends a block from the customer's end of the newest connection.
func (c *customer) say(b wire.Bulk) {
	c.o.t.Helper()
	c.mu.Lock()
	line := c.line
	c.mu.Unlock()
	if err := line.SendBulk(c.o.t.Context(), b); err != nil {
		c.o.t.Fatal(err)
	}
	c.o.pass(time.Second)
}

func TestC03TheRepsFileIsOfferedAndRead(t *testing.T) {
	withDisk(t, func(o *office, c *customer, d *drawer) {
		o.do(console.Files{ID: c.id, Paths: []string{"/home/anna/gone", "/home/anna/letter"}})
		o.pass(time.Second)
		if o.shown().Note == "" {
			t.Error("nothing is said about what is gone")
		}
		all := o.session(c).State.Transfers
		if len(all) != 1 || !all[0].Mine || all[0].Name != "letter" || len(d.all()) != 0 {
			t.Fatalf("offered %+v, the disk did %q", all, d.all())
		}
		c.do(session.Reply{ID: c.sees().Request.ID, Allow: true})
		o.pass(time.Second)
		c.mu.Lock()
		line := c.line
		c.mu.Unlock()
		if err := line.Send(wire.Packet{Body: &wire.GoOn{ID: 1}}); err != nil {
			t.Fatal(err)
		}
		var got string
		for got != letter {
			b, err := line.ReceiveBulk(o.t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if p, ok := b.(wire.Piece); ok {
				got += string(p.Data)
			}
		}
		c.do(session.Delivered{ID: 1, Place: "there"})
		o.pass(time.Second)
		if got := o.session(c).State.Transfers[0]; got.Stage != session.TransferArrived || !slices.Equal(d.all(), []string{"open", "close"}) {
			t.Errorf("it is %+v, the disk did %q", got, d.all())
		}
	})
}

func TestC03TheRepTakesAFileOrNot(t *testing.T) {
	withDisk(t, func(o *office, c *customer, d *drawer) {
		for range 2 {
			c.do(session.Offer{Place: "/x", Name: "letter", Size: uint64(len(letter)), Items: 1})
		}
		o.pass(time.Minute)
		item := wire.Item{ID: 2, Size: uint64(len(letter)), Path: "letter"}
		c.say(item)
		o.do(console.Take{ID: c.id, Transfer: 4})
		if len(d.all()) != 0 {
			t.Fatalf("before the yes the disk did %q", d.all())
		}
		o.do(console.Take{ID: c.id, Transfer: 2, Allow: true})
		o.pass(time.Second)
		c.say(item)
		sum := sha256.Sum256([]byte(letter))
		c.say(wire.Chunk{ID: 2, Size: uint32(len(letter)), Sum: sum})
		c.say(wire.Piece{ID: 2, Data: []byte(letter)})
		c.say(wire.ItemEnd{ID: 2, Sum: sha256.Sum256(sum[:])})
		all := o.session(c).State.Transfers
		if all[0].Stage != session.TransferArrived || all[1].Stage != session.TransferRefused || all[0].Place != "/home/anna/Downloads/letter" {
			t.Errorf("they are %+v", all)
		}
		if want := []string{"keep", "begin letter", letter, "finish", "kept"}; !slices.Equal(d.all(), want) {
			t.Errorf("the disk did %q", d.all())
		}
	})
}
