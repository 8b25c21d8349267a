package visit

import (
	"image"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
)

const both = wire.View | wire.Control

var (
	move  = wire.Move{Monitor: 1, X: 1 << 15, Y: 1 << 15} // to the middle of the left monitor
	press = wire.Button{Seq: 1, Button: 1, Down: true, Monitor: 1}
	lift  = wire.Button{Seq: 2, Button: 1, Monitor: 1}
)

// shows is a claim about whether the screen is shared and marked, all of it or
// not at all.
func (w *world) shows(what wire.Permission, monitors ...uint8) {
	w.t.Helper()
	m := w.mark()
	var ids []uint8
	for _, x := range m.Monitors {
		ids = append(ids, x.ID)
	}
	if m.On != (what != 0) || m.What != what || !slices.Equal(ids, monitors) {
		w.t.Errorf("marked: %+v", m)
	}
	if m.On && (m.Rep != "Anna" || m.Since.IsZero()) {
		w.t.Errorf("the mark names %q, since %v", m.Rep, m.Since)
	}
	if got := w.rep.sees().Granted; got != what {
		w.t.Errorf("the rep believes in %d, not %d", got, what)
	}
	before := w.conn().sent()
	if what == 0 {
		if n := w.opened(); n > 0 && !w.screen().isClosed() {
			w.t.Error("the screen is still open")
		}
		w.pass(time.Second)
	} else {
		w.screen().draw()
	}
	if sent := w.conn().sent() - before; (sent > 0) != (what != 0) {
		w.t.Errorf("%d slices were sent", sent)
	}
}

func (w *world) acted(want ...string) {
	w.t.Helper()
	// To let go twice is to let go: by the connection's end and by the session's.
	got := slices.CompactFunc(w.hands.took(), func(a, b string) bool { return a == "release" && a == b })
	if !slices.Equal(got, want) {
		w.t.Errorf("the hands did %q, want %q", got, want)
	}
}

func TestC09TheGateIsShutBeforeThePromptAndOpenAfterIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.do(session.Withdraw{What: wire.Control})
		w.rep.do(session.Ask{What: both})
		w.pass(46 * time.Second) // silence is no
		if got := w.logged(); !slices.Equal(got, []string{"gate shut", "prompt", "gate open", "gate shut", "gate open", "gate shut", "prompt", "gate open"}) {
			t.Errorf("in this order: %q", got)
		}
		w.shows(wire.View, 1, 2)
	})
}

func TestS01NothingIsSharedBeforeTheCustomerAllows(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.rep.do(session.Ask{What: both})
		w.pass(2 * time.Second)
		w.rep.input(move, press)
		if w.opened() != 0 || w.mark().On {
			t.Error("the screen was opened")
		}
		w.acted()
		w.do(chat.Reply{ID: w.state().Prompt.ID})
		w.rep.input(lift)
		w.shows(0)
		w.acted()
		if w.opened() != 0 {
			t.Error("the screen was opened")
		}
	})
}

func TestC11WhatIsAllowedIsSharedAndMarked(t *testing.T) {
	tests := []struct {
		name string
		what wire.Permission
		acts []string
	}{
		{"view", wire.View, nil},
		{"view and control", both, []string{"move 32 16", "button 1 true", "button 1 false"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.begin()
				w.allow(tt.what)
				w.shows(tt.what, 1, 2)
				w.rep.input(move, press, lift)
				w.acted(tt.acts...)
			})
		})
	}
}

func TestC06StopSharingStopsEverything(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.input(press)
		w.acted("button 1 true")
		sent := w.conn().sent()
		w.do(chat.StopSharing{})
		w.acted("release")
		w.rep.input(move, lift)
		w.shows(0)
		w.acted()
		if w.conn().sent() != sent {
			t.Error("a slice was sent after the stop")
		}
	})
}

func TestC06SharingAgainWorksAsAtTheFirstTime(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.input(move, press, lift)
		w.do(chat.StopSharing{})
		w.pass(11 * time.Second)
		w.hands.took()
		w.allow(both)
		w.shows(both, 1, 2)
		// The rep's side counts its edges on; a move follows the last of them.
		w.rep.input(wire.Move{After: 2, Monitor: 1, X: 1 << 15, Y: 1 << 15})
		w.acted("move 32 16")
		if w.opened() != 2 {
			t.Errorf("%d screens were opened", w.opened())
		}
	})
}

func TestC06TakingControlBackLeavesTheView(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.input(press)
		w.rep.do(session.Withdraw{What: wire.Control})
		w.pass(time.Second)
		w.acted("button 1 true", "release")
		w.rep.input(lift, wire.Key{Seq: 3, Usage: 4, Down: true}, wire.Key{Seq: 4, Usage: 4})
		w.acted()
		w.shows(wire.View, 1, 2)
		w.allow(both)
		w.rep.input(
			wire.Move{After: 4, Monitor: 1, X: 1 << 15, Y: 1 << 15},
			wire.Wheel{Seq: 5, Monitor: 1, DY: 120}, wire.Typed{Seq: 6, Text: "ü"}, wire.Locks{Seq: 7}, wire.Release{Seq: 8},
			wire.Move{After: 8, Monitor: 2},
		)
		w.acted("move 32 16", "wheel 120", "type ü", "locks", "release", "move 64 0")
		if w.opened() != 1 {
			t.Errorf("%d screens were opened", w.opened())
		}
	})
}

func TestS01AScreenThatCannotBeCapturedIsSaidSo(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(w *world)
	}{
		{"when it is opened", func(w *world) {
			w.set(func() { w.noScreen = true })
			w.allow(both)
		}},
		{"while it is shared", func(w *world) {
			w.allow(both)
			w.shows(both, 1, 2)
			w.screen().fail()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.begin()
				tt.spoil(w)
				w.pass(time.Second)
				w.shows(0)
				for _, s := range []session.State{w.state().Session, w.rep.sees()} {
					last := s.Lines[len(s.Lines)-1]
					if last.Kind != session.LineSharing || last.Sharing != wire.SharingFailed {
						t.Errorf("role %d reads %+v", s.Role, last)
					}
				}
				w.set(func() { w.noScreen = false })
				w.allow(both)
				w.shows(both, 1, 2)
			})
		})
	}
}

func TestC11ACutConnectionStopsSharingAndTheNextResumesIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.input(press)
		w.acted("button 1 true")
		w.set(func() { w.slow = 2 * time.Second })
		old := w.conn()
		w.cut()
		if got := w.hands.took(); len(got) == 0 || slices.ContainsFunc(got, func(a string) bool { return a != "release" }) {
			t.Errorf("done: %q", got)
		}
		w.pass(time.Second) // unless the next one is there at once
		if !w.screen().isClosed() || w.mark().On {
			t.Error("the screen is open or marked without a connection")
		}
		w.pass(5 * time.Second)
		if w.conn() == old || w.state().Prompt != nil {
			t.Fatalf("no new connection, or another prompt: %+v", w.state().Prompt)
		}
		w.shows(both, 1, 2)
		w.hands.took() // let go once more
		w.rep.input(move, press, lift)
		w.acted("move 32 16", "button 1 true", "button 1 false")
	})
}

func TestS13TheRepIsToldHowThePictureGoes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(wire.View)
		w.screen().draw()
		w.pass(3 * time.Second)
		w.rep.mu.Lock()
		paces := w.rep.paces
		w.rep.mu.Unlock()
		if len(paces) == 0 || paces[0].Frames == 0 || paces[0].Bytes == 0 {
			t.Errorf("the rep was told %+v", paces)
		}
	})
}

// TestS05TheChosenQualityIsThatOfEverySharing: chosen before anything is
// shared, and again meanwhile, it holds for what is shared later.
func TestS05TheChosenQualityIsThatOfEverySharing(t *testing.T) {
	inWorld(t, func(w *world) {
		h := newHost(&way{v: w.visit})
		h.room = room.New(room.Config{Session: session.Config{Role: wire.RoleCustomer}}) // hears of monitors
		h.peer, _ = newPipe(w)
		h.flow = flow.New(h.peer)
		h.Look(wire.Profile16)
		for _, p := range []wire.Profile{wire.Profile16, wire.Profile8} {
			h.Look(p)
			h.Share(session.Share{What: wire.View})
			if got := h.share.Stats().Profile; got != p {
				t.Errorf("shared with profile %d, chosen was %d", got, p)
			}
			h.Look(wire.Profile32)
			if got := h.share.Stats().Profile; got != wire.Profile32 {
				t.Errorf("then profile %d", got)
			}
			h.Share(session.Share{})
		}
		h.close()
	})
}

func TestS04MonitorsThatChangeAreToldAndMarked(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.do(session.PickMonitor{Monitor: 2})
		w.pass(time.Second)
		w.shows(both, 2)
		if w.screen().picked() != 2 {
			t.Errorf("monitor %d is captured", w.screen().picked())
		}
		w.screen().relayout(frame.Monitor{ID: 1, Name: "only", Bounds: image.Rect(0, 0, 100, 50), Primary: true})
		w.pass(time.Second)
		w.shows(both, 1) // of the one that is gone, all is left
		if w.screen().picked() != 0 {
			t.Errorf("monitor %d is captured", w.screen().picked())
		}
		want := []wire.Monitor{{ID: 1, Name: "only", W: 100, H: 50, Primary: true}}
		if got := w.rep.sees(); !slices.Equal(got.Monitors, want) || got.Monitor != 0 {
			t.Errorf("the rep was told %+v, shown %d", got.Monitors, got.Monitor)
		}
	})
}

func TestC08ClosingWhileSharingEndsEverything(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.input(press)
		w.do(chat.CloseAsked{})
		w.do(chat.CloseConfirmed{})
		w.acted("button 1 true", "release")
		if !w.screen().isClosed() || w.mark().On || !w.conn().isGone() {
			t.Error("something of the session goes on")
		}
		w.pass(2 * time.Second) // in which questions may come
		if w.quits != 1 || w.broker.left() != wire.EndByCustomer || w.rep.sees().Why != wire.EndByCustomer {
			t.Errorf("quits %d, the broker knows %d, the rep %d", w.quits, w.broker.left(), w.rep.sees().Why)
		}
	})
}

func TestS07WhatIsHeldStaysDownWhileTheRepIsThere(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.input(press)
		w.pass(10 * time.Second)
		w.acted("button 1 true")
		w.conn().fallSilent()
		w.pass(2900 * time.Millisecond) // the connection does not count as lost yet
		w.acted("release")
	})
}

func TestAConnectionThatTakesNoPicturesIsReplaced(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		old := w.conn()
		old.mu.Lock()
		old.stuck = true
		old.mu.Unlock()
		w.allow(both)
		w.pass(5 * time.Second)
		if w.conn() == old {
			t.Fatal("sharing goes on over a connection without pictures")
		}
		w.shows(both, 1, 2)
	})
}

func TestOnlyMonitorsThatAMessageCanCarryAreTold(t *testing.T) {
	at := func(id uint8, x, y, width, height int) frame.Monitor {
		return frame.Monitor{ID: id, Name: "m", Bounds: image.Rect(x, y, x+width, y+height)}
	}
	var many []frame.Monitor
	for i := range 40 {
		many = append(many, at(uint8(i), 0, 0, 10, 10))
	}
	tests := []struct {
		name string
		in   []frame.Monitor
		want int
	}{
		{"usual", []frame.Monitor{at(1, 0, 0, 1920, 1080), at(2, -1920, -100, 1920, 1080)}, 2},
		{"none", nil, 0},
		{"largest", []frame.Monitor{at(16, wire.MaxOffset, -wire.MaxOffset, wire.MaxPixels, wire.MaxPixels)}, 1},
		{"without a number", []frame.Monitor{at(0, 0, 0, 10, 10)}, 0},
		{"twice the same", []frame.Monitor{at(1, 0, 0, 10, 10), at(1, 10, 0, 10, 10)}, 1},
		{"too many", many, wire.MaxMonitors},
		{"without pixels", []frame.Monitor{at(1, 0, 0, 0, 10)}, 0},
		{"too wide", []frame.Monitor{at(1, 0, 0, wire.MaxPixels+1, 10)}, 0},
		{"too far right", []frame.Monitor{at(1, wire.MaxOffset+1, 0, 10, 10)}, 0},
		{"too far up", []frame.Monitor{at(1, 0, -wire.MaxOffset-1, 10, 10)}, 0},
		{"beyond 32 bits", []frame.Monitor{at(1, math.MaxInt32+1, 0, 10, 10)}, 0},
		{"a name of control characters", []frame.Monitor{{ID: 1, Name: "a\nb\x00" + strings.Repeat("ä", 200), Bounds: image.Rect(0, 0, 1, 1)}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := told(tt.in)
			if len(got) != tt.want {
				t.Errorf("%d are told, not %d", len(got), tt.want)
			}
			m := &wire.Sharing{What: wire.View, Why: wire.SharingLayout, Monitors: got}
			if _, err := wire.Append(nil, wire.Packet{Seq: 1, Body: m}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestC06ASessionThatCannotHearStopIsEnded(t *testing.T) {
	off := false
	v := New(chat.New(time.Now(), chat.Config{}), Doors{})
	w := newWay(v, chat.Connect{}, func() { off = true })
	r := room.New(room.Config{Mailbox: w.meets.Mailbox}) // nobody runs it
	w.setRoom(r, nil)
	for r.Do(session.Say{Text: "x"}) {
	}
	w.act(session.Say{Text: "one too many"})
	if off {
		t.Error("a line too many ended the session")
	}
	w.act(session.StopSharing{})
	if !off {
		t.Error("the rep goes on after STOP SHARING")
	}
}

// TestZ06TheHandDoesNotNoticeAMove: a connection that works is replaced while a
// key is down. It stays down, and what was done before is done before what was
// done after, however slow the old connection is.
func TestZ06TheHandDoesNotNoticeAMove(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		down := func(seq uint64, usage uint16) wire.Key { return wire.Key{Seq: seq, Usage: usage, Down: true} }
		w.rep.input(down(1, 4))
		old := w.conn()
		ended := old.lags()
		w.rep.room.NewNetwork()
		w.pass(200 * time.Millisecond)
		if w.conn() == old {
			t.Fatal("nothing has moved")
		}
		if w.state().Screen != chat.InSession || !w.mark().On || w.opened() != 2 {
			t.Errorf("screen %d, mark %v, opened %d times", w.state().Screen, w.mark().On, w.opened())
		}
		w.hands.took()
		w.rep.input(wire.Move{Monitor: 1, X: 1 << 15, Y: 1 << 15}, down(3, 6)) // on the new one
		if got := w.hands.took(); len(got) > 0 {
			t.Errorf("done before what comes first: %q", got)
		}
		old.inputs <- down(2, 5)
		w.pass(100 * time.Millisecond)
		ended()
		w.pass(100 * time.Millisecond)
		if got := w.hands.took(); !slices.Equal(got, []string{"key 5 true", "move 32 16", "key 6 true"}) {
			t.Errorf("done: %q", got)
		}
		w.rep.input(wire.Key{Seq: 4, Usage: 4}, wire.Key{Seq: 5, Usage: 5}, wire.Key{Seq: 6, Usage: 6})
		if got := w.hands.took(); !slices.Equal(got, []string{"key 4 false", "key 5 false", "key 6 false"}) {
			t.Errorf("let go: %q", got)
		}
	})
}

// TestZ06NoKeyIsStuckAfterAMoveThatLostSome: the rep's last keys never come.
func TestZ06NoKeyIsStuckAfterAMoveThatLostSome(t *testing.T) {
	for name, loses := range map[string]func(w *world){
		"slow":   func(w *world) { w.conn().lags() },
		"silent": func(w *world) { w.conn().lags(); w.conn().fallSilent(); w.pass(1100 * time.Millisecond) },
		"cut":    func(*world) {},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.begin()
				w.allow(both)
				w.rep.input(wire.Key{Seq: 1, Usage: 4, Down: true})
				old := w.conn()
				loses(w)
				w.pass(10 * time.Millisecond)
				w.hands.took()
				w.rep.room.NewNetwork()
				w.pass(200 * time.Millisecond)
				if w.conn() == old {
					t.Fatal("nothing has moved")
				}
				w.rep.input(wire.Key{Seq: 3, Usage: 6, Down: true}, wire.Key{Seq: 4, Usage: 6})
				w.pass(handOver)
				if got := w.hands.took(); !slices.Equal(got, []string{"release", "key 6 true", "key 6 false"}) {
					t.Errorf("done: %q", got)
				}
			})
		})
	}
}

// TestC06StopSharingEndsItDuringAMove: while nobody is there to let go, the
// customer's word does.
func TestC06StopSharingEndsItDuringAMove(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		w.rep.input(wire.Key{Seq: 1, Usage: 4, Down: true})
		old := w.conn()
		old.lags()
		w.rep.room.NewNetwork()
		w.pass(200 * time.Millisecond)
		w.hands.took()
		w.do(chat.StopSharing{})
		old.inputs <- wire.Key{Seq: 2, Usage: 5, Down: true}
		w.rep.input(wire.Key{Seq: 3, Usage: 6, Down: true})
		w.pass(2 * time.Second)
		if got := w.hands.took(); !slices.Equal(got, []string{"release"}) {
			t.Errorf("done: %q", got)
		}
	})
}
