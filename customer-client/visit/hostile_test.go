package visit

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// foe is a rep's console that says what no console says, beside the honest one
// whose connection it uses.
type foe struct {
	w *world
	sim.Foe
}

// begunBy is how many counted packets the honest console has sent by the time
// something is shared: Accepted and Ask.
const begunBy = 2

// says sends messages as packets, counted ones with the numbers that are due.
func (f *foe) says(all ...wire.Message) {
	for _, m := range all {
		f.sends(f.Packet(m))
	}
	synctest.Wait()
}

// sends is says for one packet as it is. A connection that was ended for it
// takes no more.
func (f *foe) sends(p wire.Packet) { _ = f.w.conn().other.Send(p) }

// TestHostileConsoleGetsNothingByIt has a rep's console that was let in and may
// see the screen say things that make no sense, and far too many. The customer
// goes on sharing what was allowed, and nothing else.
func TestHostileConsoleGetsNothingByIt(t *testing.T) {
	const far = 1 << 60
	for name, does := range map[string]func(*foe){
		"has seen frames to come":     func(f *foe) { f.says(&wire.Presented{Frame: far}) },
		"has taken what never came":   func(f *foe) { f.says(&wire.Taken{Pictures: far, Bulk: far}) },
		"has heard what was not said": func(f *foe) { f.sends(wire.Packet{Ack: far, Body: &wire.Ack{}}) },
		"attaches again, from the future": func(f *foe) {
			f.says(&wire.Attach{Version: wire.Version, Received: far, Slice: far})
		},
		"loses the picture all the time": func(f *foe) {
			f.says(sim.Many(3000, func(uint32) wire.Message { return &wire.Refresh{} })...)
		},
		"wants files that nobody offered to go on": func(f *foe) {
			f.says(sim.Many(500, func(i uint32) wire.Message { return &wire.GoOn{ID: 2*i + 2, Item: 7, Sum: make([]byte, 32)} })...)
			f.says(&wire.Arrived{ID: 4}, &wire.Halt{ID: 6, Why: wire.HaltCancelled}, &wire.Reply{ID: 8, Verdict: wire.Allowed})
		},
		"offers without end": func(f *foe) {
			f.says(sim.Many(1000, func(i uint32) wire.Message {
				return &wire.Offer{ID: 2*i + 1, Name: fmt.Sprint("file ", i), Size: 1 << 50, Items: 200_000, Folder: true}
			})...)
			if n := len(f.w.state().Session.Transfers); n > 500 {
				f.w.t.Errorf("%d transfers are kept", n)
			}
		},
		"sends parts that nobody wants": func(f *foe) {
			for _, b := range []wire.Bulk{
				wire.Item{ID: 9, Path: "a", Size: 5},
				wire.Chunk{ID: 9, Size: 5},
				wire.Piece{ID: 9, Data: []byte("hello")},
				wire.ItemEnd{ID: 9},
				wire.ClipPiece{ID: 3, Data: []byte("hello"), Last: true},
			} {
				if err := f.w.conn().other.SendBulk(f.w.t.Context(), b); err != nil {
					f.w.t.Error(err)
				}
			}
		},
		"wants the clipboard without a yes": func(f *foe) {
			f.says(sim.Many(500, func(i uint32) wire.Message {
				return &wire.ClipWant{ID: i + 1, Serial: uint64(i + 1), Format: wire.ClipText}
			})...)
			f.says(sim.Many(500, func(i uint32) wire.Message { return &wire.Clip{Serial: uint64(i + 1)} })...)
		},
		"nudges all the time": func(f *foe) {
			f.says(sim.Many(500, func(uint32) wire.Message { return &wire.Nudge{} })...)
			f.w.mu.Lock()
			defer f.w.mu.Unlock()
			if f.w.nudges > 1 {
				f.w.t.Errorf("nudged %d times at once", f.w.nudges)
			}
		},
		"asks all the time": func(f *foe) {
			f.says(sim.Many(500, func(i uint32) wire.Message { return &wire.Ask{ID: i + 10, What: both} })...)
			if p := f.w.state().Prompt; p != nil {
				f.w.do(chat.Reply{ID: p.ID}) // too early to count: it cannot be answered in the moment it appears
			}
		},
		"picks what isn't there": func(f *foe) { f.says(&wire.PickMonitor{Monitor: 16}, &wire.PickMonitor{}) },
		"clicks without control": func(f *foe) {
			for range 100 {
				f.w.rep.input(press, move, lift)
			}
		},
		"writes without end": func(f *foe) {
			f.says(sim.Many(2000, func(uint32) wire.Message { return &wire.Chat{Text: strings.Repeat("a", wire.MaxText)} })...)
			if n := len(f.w.state().Session.Lines); n > 5000 {
				f.w.t.Errorf("%d lines are kept", n)
			}
		},
		"leaves a gap": func(f *foe) { f.sends(wire.Packet{Seq: 1000, Body: &wire.Chat{Text: "a"}}) },
		"counts to the end": func(f *foe) {
			f.sends(wire.Packet{Seq: 1<<64 - 1, Body: &wire.Chat{Text: "a"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.begin()
				w.allow(wire.View)
				does(&foe{w: w, Foe: sim.Foe{Seq: begunBy}})
				w.pass(20 * time.Second) // a connection that was ended has been replaced
				w.acted()
				if m := w.mark(); !m.On || m.What != wire.View {
					t.Errorf("marked: %+v", m)
				}
				w.on(chat.InSession)
				before := w.conn().sent()
				w.screen().draw()
				w.pass(time.Second)
				if w.conn().sent() == before {
					t.Error("the picture stands still")
				}
				w.do(chat.Say{Text: "still here"})
				w.pass(time.Second)
				lines := w.rep.sees().Lines
				if len(lines) == 0 || lines[len(lines)-1].Text != "still here" {
					t.Errorf("the rep reads %+v", lines[max(len(lines)-1, 0):])
				}
				w.do(chat.StopSharing{})
				w.pass(time.Second)
				if m := w.mark(); m.On || !w.screen().isClosed() {
					t.Errorf("after Stop: %+v", m)
				}
			})
		})
	}
}
