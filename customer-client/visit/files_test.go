package visit

import (
	"crypto/sha256"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// withDisk is a world with a disk, in a session.
func withDisk(t *testing.T, story func(w *world, d *sim.Drawer)) {
	t.Helper()
	inWorld(t, func(w *world) {
		d := &sim.Drawer{}
		w.visit.doors.Disk = d
		w.begin()
		story(w, d)
	})
}

func TestC03TheCustomersFileIsReadOnceTheRepTakesIt(t *testing.T) {
	withDisk(t, func(w *world, d *sim.Drawer) {
		w.do(chat.Files{Paths: []string{sim.LetterAt, "/home/me/gone"}})
		w.pass(time.Second)
		if got := w.state().Unsent; got != (chat.Unsent{Name: "gone", Why: wire.HaltUnreadable}) {
			t.Errorf("not offered: %+v", got)
		}
		all := w.state().Session.Transfers
		if len(all) != 1 || !all[0].Mine || all[0].Name != "letter" || len(d.Did()) != 0 {
			t.Fatalf("offered %+v, the disk did %q", all, d.Did())
		}
		w.rep.do(session.Take{ID: 2, Allow: true})
		w.pass(time.Second)
		rep := w.conn().other
		if err := rep.Send(wire.Packet{Body: &wire.GoOn{ID: 2}}); err != nil {
			t.Fatal(err)
		}
		var got string
		for got != sim.Letter {
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
		if got := w.state().Session.Transfers[0]; got.Stage != session.TransferArrived || !slices.Equal(d.Did(), []string{"open", "close"}) {
			t.Errorf("it is %+v, the disk did %q", got, d.Did())
		}
	})
}

// TestC03TheRepsFileIsWrittenOnlyAfterAYes, and goes on over a new connection.
func TestC03TheRepsFileIsWrittenOnlyAfterAYes(t *testing.T) {
	withDisk(t, func(w *world, d *sim.Drawer) {
		say := func(b wire.Bulk) {
			t.Helper()
			if err := w.conn().other.SendBulk(w.t.Context(), b); err != nil {
				t.Fatal(err)
			}
			w.pass(time.Second)
		}
		item := wire.Item{ID: 1, Size: uint64(len(sim.Letter)), Path: "letter"}
		w.rep.do(session.Offer{Place: "/x", Name: "letter", Size: uint64(len(sim.Letter)), Items: 1})
		w.pass(2 * time.Second)
		say(item) // before the yes it goes nowhere
		p := w.state().Prompt
		if p == nil || p.Offer == nil || p.Offer.ID != 1 || len(d.Did()) != 0 {
			t.Fatalf("the prompt is %+v, the disk did %q", p, d.Did())
		}
		w.do(chat.Reply{ID: p.ID, Allow: true})
		w.pass(time.Second)
		say(item)
		w.cut()
		w.pass(5 * time.Second)
		say(item)
		sum := sha256.Sum256([]byte(sim.Letter))
		say(wire.Chunk{ID: 1, Size: uint32(len(sim.Letter)), Sum: sum})
		say(wire.Piece{ID: 1, Data: []byte(sim.Letter)})
		say(wire.ItemEnd{ID: 1, Sum: sha256.Sum256(sum[:])})
		got := w.state().Session.Transfers[0]
		if got.Stage != session.TransferArrived || got.Place != sim.ReceivedAt {
			t.Errorf("it is %+v", got)
		}
		if want := []string{"keep", "begin letter", "begin letter", sim.Letter, "finish", "kept"}; !slices.Equal(d.Did(), want) {
			t.Errorf("the disk did %q", d.Did())
		}
	})
}

func TestC03ASessionThatEndsKeepsWhatHasCome(t *testing.T) {
	withDisk(t, func(w *world, d *sim.Drawer) {
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
		if want := []string{"keep", "thrown away", "keep", "kept"}; !slices.Equal(d.Did(), want) {
			t.Errorf("the disk did %q", d.Did())
		}
	})
}

func TestC03WithoutADiskNothingIsOfferedOrTaken(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.do(chat.Files{Paths: []string{sim.LetterAt}})
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
