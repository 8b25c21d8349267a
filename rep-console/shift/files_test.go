package shift

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// withDisk is an office with a disk, and a customer.
func withDisk(t *testing.T, story func(o *office, c *customer, d *sim.Drawer)) {
	t.Helper()
	inOffice(t, func(o *office) {
		d := &sim.Drawer{}
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
	withDisk(t, func(o *office, c *customer, d *sim.Drawer) {
		o.do(console.Files{ID: c.id, Paths: []string{"/home/me/gone", sim.LetterAt}})
		o.pass(time.Second)
		if o.shown().Note == "" {
			t.Error("nothing is said about what is gone")
		}
		all := o.session(c).State.Transfers
		if len(all) != 1 || !all[0].Mine || all[0].Name != "letter" || len(d.Did()) != 0 {
			t.Fatalf("offered %+v, the disk did %q", all, d.Did())
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
		for got != sim.Letter {
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
		if got := o.session(c).State.Transfers[0]; got.Stage != session.TransferArrived || !slices.Equal(d.Did(), []string{"open", "close"}) {
			t.Errorf("it is %+v, the disk did %q", got, d.Did())
		}
	})
}

func TestC03TheRepTakesAFileOrNot(t *testing.T) {
	withDisk(t, func(o *office, c *customer, d *sim.Drawer) {
		for range 2 {
			c.do(session.Offer{Place: "/x", Name: "letter", Size: uint64(len(sim.Letter)), Items: 1})
		}
		o.pass(time.Minute)
		item := wire.Item{ID: 2, Size: uint64(len(sim.Letter)), Path: "letter"}
		c.say(item)
		o.do(console.Take{ID: c.id, Transfer: 4})
		if len(d.Did()) != 0 {
			t.Fatalf("before the yes the disk did %q", d.Did())
		}
		o.do(console.Take{ID: c.id, Transfer: 2, Allow: true})
		o.pass(time.Second)
		c.say(item)
		sum := sha256.Sum256([]byte(sim.Letter))
		c.say(wire.Chunk{ID: 2, Size: uint32(len(sim.Letter)), Sum: sum})
		c.say(wire.Piece{ID: 2, Data: []byte(sim.Letter)})
		c.say(wire.ItemEnd{ID: 2, Sum: sha256.Sum256(sum[:])})
		all := o.session(c).State.Transfers
		if all[0].Stage != session.TransferArrived || all[1].Stage != session.TransferRefused || all[0].Place != sim.ReceivedAt {
			t.Errorf("they are %+v", all)
		}
		if want := []string{"keep", "begin letter", sim.Letter, "finish", "kept"}; !slices.Equal(d.Did(), want) {
			t.Errorf("the disk did %q", d.Did())
		}
	})
}
