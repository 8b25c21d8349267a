package shift

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// foe is a customer's program that says what no program of ours says, beside
// the honest one whose connection it uses.
type foe struct {
	c *customer
	sim.Foe
}

// says sends messages as packets, counted ones with the numbers that are due.
func (f *foe) says(all ...wire.Message) {
	for _, m := range all {
		f.sends(f.Packet(m))
	}
	synctest.Wait()
}

// sends is says for one packet as it is. A connection that was ended for it
// takes no more; a packet that can't be sent is a mistake of the test.
func (f *foe) sends(p wire.Packet) {
	if _, err := wire.Append(nil, p); err != nil {
		f.c.o.t.Error(err)
	}
	_ = f.end().Send(p)
}

func (f *foe) end() *end {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	return f.c.line
}

// TestHostileCustomerDisturbsNobodyElse has a customer's program that was let
// in say things that make no sense, and far too many. The rep goes on with the
// other customer, and with this one.
func TestHostileCustomerDisturbsNobodyElse(t *testing.T) {
	const far = 1 << 60
	for name, does := range map[string]func(*foe){
		"has taken what never came":   func(f *foe) { f.says(&wire.Taken{Pictures: far, Bulk: far}) },
		"has heard what was not said": func(f *foe) { f.sends(wire.Packet{Ack: far, Body: &wire.Ack{}}) },
		"attaches again, from the future": func(f *foe) {
			f.says(&wire.Attach{Version: wire.Version, Received: far})
		},
		"answers what nobody asked": func(f *foe) {
			f.says(sim.Many(500, func(i uint32) wire.Message { return &wire.Answer{ID: i + 1, Verdict: wire.Allowed} })...)
		},
		"shares what nobody asked for": func(f *foe) {
			f.says(sim.Many(500, func(i uint32) wire.Message {
				return &wire.Sharing{
					What: wire.View | wire.Control, Why: wire.SharingGranted,
					Monitors: []wire.Monitor{{ID: uint8(1 + i%16), Name: strings.Repeat("m", 200), W: 1, H: wire.MaxPixels}},
				}
			})...)
		},
		"tells impossible figures": func(f *foe) {
			f.says(sim.Many(500, func(uint32) wire.Message {
				return &wire.Pace{Capture: 1 << 31, Encode: 1 << 31, Send: 1 << 31, Shown: 1 << 31, Frames: 1 << 31, Bytes: 1 << 31, Strain: 3}
			})...)
		},
		"offers without end": func(f *foe) {
			f.says(sim.Many(1000, func(i uint32) wire.Message {
				return &wire.Offer{ID: 2*i + 2, Name: fmt.Sprint("file ", i), Size: 1 << 50, Items: 200_000, Folder: true}
			})...)
		},
		"wants files that nobody offered to go on": func(f *foe) {
			f.says(sim.Many(500, func(i uint32) wire.Message { return &wire.GoOn{ID: 2*i + 1, Item: 7, Sum: make([]byte, 32)} })...)
			f.says(&wire.Arrived{ID: 3}, &wire.Halt{ID: 5, Why: wire.HaltCancelled}, &wire.Reply{ID: 7, Verdict: wire.Allowed})
		},
		"sends parts that nobody wants": func(f *foe) {
			for _, b := range []wire.Bulk{
				wire.Item{ID: 8, Path: "a", Size: 5},
				wire.Chunk{ID: 8, Size: 5},
				wire.Piece{ID: 8, Data: []byte("hello")},
				wire.ItemEnd{ID: 8},
				wire.ClipPiece{ID: 3, Data: []byte("hello"), Last: true},
			} {
				if err := f.end().SendBulk(f.c.o.t.Context(), b); err != nil {
					f.c.o.t.Error(err)
				}
			}
		},
		"copies all the time": func(f *foe) {
			f.says(sim.Many(1000, func(i uint32) wire.Message { return &wire.Clip{Serial: uint64(i + 1)} })...)
			f.says(sim.Many(500, func(i uint32) wire.Message {
				return &wire.ClipWant{ID: i + 1, Serial: uint64(i + 1), Format: wire.ClipText}
			})...)
		},
		"writes without end": func(f *foe) {
			f.says(sim.Many(1000, func(uint32) wire.Message { return &wire.Chat{Text: strings.Repeat("a", wire.MaxText)} })...)
		},
		"leaves a gap":      func(f *foe) { f.sends(wire.Packet{Seq: 1000, Body: &wire.Chat{Text: "a"}}) },
		"counts to the end": func(f *foe) { f.sends(wire.Packet{Seq: 1<<64 - 1, Body: &wire.Chat{Text: "a"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.open()
				bad, good := o.serve(1), o.serve(2)
				does(&foe{c: bad})
				for _, c := range []*customer{good, bad} {
					o.do(console.Say{ID: c.id, Text: "still there?"})
					o.pass(10 * time.Second) // a connection that was ended has been replaced
					if got := lines(c.sees()); !slices.Equal(got, []string{"still there?"}) {
						t.Errorf("customer %d reads %q", c.id[0], got)
					}
				}
				good.do(session.Say{Text: "yes"})
				if got := lines(o.session(good).State); !slices.Equal(got, []string{"yes"}) {
					t.Errorf("the rep reads %q of the other customer", got)
				}
				x := o.session(bad).State
				if len(x.Lines) > 5000 || len(x.Transfers) > 500 {
					t.Errorf("%d lines and %d transfers are kept", len(x.Lines), len(x.Transfers))
				}
			})
		})
	}
}
