package session

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/shared/wire"
)

// FuzzCustomerStaysInCharge feeds the customer's side arbitrary events in
// arbitrary order and holds it to what must always be true.
func FuzzCustomerStaysInCharge(f *testing.F) {
	f.Add([]byte{0, 1, 2, 30, 3, 40, 4, 7, 5, 1, 8, 9, 6, 60, 1, 2, 10, 11})
	// Everything is granted, and the connection replaced while it works.
	f.Add([]byte{0, 0, 1, 0, 2, 0, 3, 2, 4, 2, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 9, 0, 0, 0, 1, 0})
	// Words are compared after the rep has asked for everything, in vain.
	f.Add([]byte{31, 0, 1, 0, 2, 0, 3, 3, 21, 1, 3, 1, 4, 2, 33, 1, 3, 3, 4, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		now := begin
		s := New(now, Config{
			Role: wire.RoleCustomer, CanControl: len(script)%2 == 0, CanClip: len(script)%4 < 2,
			Proof: wire.Proof(len(script) / 4 % 2), Denied: [][]string{nil, {"control"}, {"copy-in", "send-files"}, {"view"}}[len(script)/8%4],
		})
		shut, seq, sure := false, uint64(0), s.cfg.Proof == wire.ProofKey
		moved := moving{}
		for len(script) >= 2 {
			code, arg := script[0], script[1]
			script = script[2:]
			now = now.Add(time.Duration(arg) * time.Second)
			before := s.State()
			e := fuzzEvent(code, arg, before, &seq)
			effects := s.Step(now, e)
			for _, effect := range effects {
				if before.Stage == Over {
					t.Fatalf("%T after the end", effect)
				}
				moved.check(t, before, e, effect)
				if g, ok := effect.(Gate); ok {
					shut = g.Shut
				}
				if sh, ok := effect.(Share); ok && sh.What != 0 && !s.State().Granted.Has(sh.What) {
					t.Fatalf("shares %v, granted is %v", sh.What, s.State().Granted)
				}
			}
			if c, ok := e.(Cancel); ok && moved[c.ID] {
				t.Fatalf("transfer %d goes on after its Cancel", c.ID)
			}
			after := s.State()
			sure = surer(sure, before, e)
			checkUnsure(t, sure, after, effects)
			if r := after.Request; after.Granted&after.Denied.What != 0 || r != nil && (r.What&after.Denied.What != 0 || r.Offer != 0 && after.Denied.Send) {
				t.Fatalf("what the organisation denies is asked for or granted: %+v, %+v", r, after.Granted)
			}
			if _, ok := e.(Linked); ok && (len(effects) > 1 || after.Granted != before.Granted || after.Request != before.Request) {
				t.Fatalf("a connection alone changed something: %#v", effects)
			}
			if after.Keep != before.Keep && (before.Stage != Waiting || after.Stage != Talking) {
				t.Fatalf("what is kept becomes %d in the midst of a session, after %#v", after.Keep, e)
			}
			if shut != (after.Request != nil) {
				t.Fatalf("gate shut is %v with request %v after %#v", shut, after.Request, e)
			}
			if grew := after.Granted &^ before.Granted; grew != 0 {
				r, ok := e.(Reply)
				if !ok || !r.Allow || before.Request == nil || before.Request.ID != r.ID || !before.Request.What.Has(grew) {
					t.Fatalf("%v granted by %#v with request %v", grew, e, before.Request)
				}
			}
			if after.Granted != whole(after.Granted) || after.Granted&^wire.AllPermissions != 0 {
				t.Fatalf("%v granted, which is not whole, after %#v", after.Granted, e)
			}
			if (after.Request == nil && after.Granted&Clipboard != 0 || after.Clips() != 0) && !s.cfg.CanClip {
				t.Fatalf("%v granted where the clipboard can't be shared", after.Granted)
			}
			if after.Clips() != 0 && (after.Stage != Talking || !after.Granted.Has(wire.View)) {
				t.Fatalf("the clipboard is shared and the screen is not, after %#v", e)
			}
			if _, ok := e.(StopSharing); ok && after.Granted != 0 {
				t.Fatalf("%v is left after STOP SHARING", after.Granted)
			}
			if after.Stage == Over && len(moved) > 0 {
				t.Fatalf("%v are moved after the end", moved)
			}
			if w := s.Wake(); after.Request != nil && (w.IsZero() || w.After(after.Request.Longest)) {
				t.Fatalf("a prompt without an end: wakes %v", w)
			}
		}
	})
}

// surer says whether the customer can be sure of the rep after e: never by
// anything that the rep says.
func surer(sure bool, before State, e Event) bool {
	if before.Stage == Over {
		return sure
	}
	switch e := e.(type) {
	case Compared:
		return sure || e.Same && before.Words != [3]string{}
	case Linked:
		return sure || e.Certified != "" && before.Words == [3]string{}
	}
	return sure
}

// checkUnsure holds a session whose customer is not sure of the rep to this:
// the screen may be asked for and shown, and nothing else.
func checkUnsure(t *testing.T, sure bool, after State, effects []Effect) {
	t.Helper()
	if after.Verified != sure {
		t.Fatalf("verified is %v, sure %v", after.Verified, sure)
	}
	if sure {
		return
	}
	if after.Granted&^wire.View != 0 || after.Request != nil && (after.Request.What != wire.View || after.Request.Offer != 0) {
		t.Fatalf("granted %v, request %v of somebody unknown", after.Granted, after.Request)
	}
	for _, f := range effects {
		if b, ok := f.(Begin); ok {
			t.Fatalf("transfer %d begins with somebody unknown", b.Transfer.ID)
		}
	}
}

// moving are the transfers that the customer's machine reads or writes its disk
// for.
type moving map[uint32]bool

// check holds an effect to this: bytes are read only of what the customer
// offered, written only after a yes to the prompt for just that offer, and
// neither after the customer's no.
func (m moving) check(t *testing.T, before State, e Event, f Effect) {
	switch f := f.(type) {
	case Quit:
		delete(m, f.ID)
	case Begin:
		id := f.Transfer.ID
		if m[id] {
			t.Fatalf("transfer %d begins twice", id)
		}
		m[id] = true
		if f.Transfer.Mine {
			if id%2 != 0 || f.Transfer.Place == "" {
				t.Fatalf("reads %q for %d", f.Transfer.Place, id)
			}
			return
		}
		yes, ok := e.(Reply)
		if r := before.Request; !ok || !yes.Allow || r == nil || r.ID != yes.ID || r.Offer != id {
			t.Fatalf("transfer %d begins by %#v with request %v", id, e, before.Request)
		}
	}
}

func fuzzEvent(code, arg byte, st State, seq *uint64) Event {
	said := func(m wire.Message) Event {
		*seq++
		return Heard{wire.Packet{Seq: *seq - uint64(arg&1), Ack: uint64(arg), Body: m}}
	}
	id := uint32(arg)
	if st.Request != nil {
		id = st.Request.ID + uint32(arg&1)
	}
	events := []func() Event{
		func() Event { return Linked{} },
		func() Event { return Heard{wire.Packet{Body: &wire.Attach{Received: uint64(arg)}}} },
		func() Event { return said(&wire.Accepted{Name: "Anna", Keep: wire.Keep(arg % 3)}) },
		func() Event { return said(&wire.Ask{ID: uint32(arg), What: wire.Permission(arg % 16)}) },
		func() Event { return Reply{ID: id, Allow: arg&2 != 0} },
		func() Event { return said(&wire.Withdraw{What: wire.Permission(arg % 16)}) },
		func() Event { return StopSharing{} },
		func() Event { return MoreTime{id} },
		func() Event { return Tick{} },
		func() Event { return Unlinked{} },
		func() Event { return said(&wire.PickMonitor{Monitor: arg % 4}) },
		func() Event { return Screens{make([]wire.Monitor, arg%3)} },
		func() Event { return NoScreen{} },
		func() Event { return said(&wire.Chat{Text: "x"}) },
		func() Event { return Say{"y"} },
		func() Event { return said(&wire.Nudge{}) },
		func() Event { return said(&wire.Sharing{What: 3}) },
		func() Event { return said(&wire.Answer{ID: uint32(arg), Verdict: wire.Allowed}) },
		func() Event { return Accept{} },
		func() Event { return Ask{wire.Control} },
		func() Event { return said(&wire.Quality{Profile: wire.Profile(arg % 5)}) },
		func() Event {
			return said(&wire.Offer{ID: uint32(arg), Name: "x", Size: 9, Items: 1, Folder: arg&4 != 0})
		},
		func() Event { return said(&wire.Reply{ID: uint32(arg), Verdict: wire.Verdict(arg%6 + 1)}) },
		func() Event { return said(&wire.Halt{ID: uint32(arg), Why: wire.HaltWhy(arg%6 + 1)}) },
		func() Event { return said(&wire.Arrived{ID: uint32(arg)}) },
		func() Event { return Offer{Place: "/home/maria/x", Name: "x", Size: 9, Items: 1} },
		func() Event { return Take{ID: uint32(arg), Allow: true} },
		func() Event { return Cancel{uint32(arg)} },
		func() Event { return Progress{ID: uint32(arg), Done: uint64(arg)} },
		func() Event { return Delivered{ID: uint32(arg), Place: "/home/maria/Downloads/x"} },
		func() Event { return Broke{ID: uint32(arg), Why: wire.HaltFull} },
		func() Event { return Linked{Words: [3]string{"amber", "boat", "cedar"}} },
		func() Event { return Linked{Words: [3]string{"amber", "boat", "cedar"}, Certified: "Anna"} },
		func() Event { return Compared{Same: arg%4 != 0} },
		func() Event { return said(&wire.Verified{}) },
	}
	return events[int(code)%len(events)]()
}

// talking is a session in which the rep has been taken or has taken.
func talking(t *testing.T, role wire.Role) *Session {
	t.Helper()
	s := New(begin, Config{Role: role, CanControl: true, CanClip: true})
	s.Step(begin, Linked{})
	s.Step(begin, Heard{wire.Packet{Body: &wire.Attach{Version: 1}}})
	if role == wire.RoleRep {
		s.Step(begin, Accept{})
	} else {
		s.Step(begin, Heard{wire.Packet{Seq: 1, Body: &wire.Accepted{Name: "Anna"}}})
	}
	if s.State().Stage != Talking {
		t.Fatal("not talking")
	}
	return s
}

func TestC01ALongSessionDropsItsOldestLinesAndSaysSo(t *testing.T) {
	s := talking(t, wire.RoleCustomer)
	text := strings.Repeat("a", wire.MaxText)
	const said = 400 // 400 × 16 KiB is more than maxBytes
	for i := range said {
		s.Step(begin, Heard{wire.Packet{Seq: uint64(i + 2), Body: &wire.Chat{Text: text}}})
	}
	st := s.State()
	if st.Dropped == 0 || len(st.Lines)*wire.MaxText > maxBytes+wire.MaxText {
		t.Errorf("kept %d lines, dropped %d", len(st.Lines), st.Dropped)
	}
	if st.Dropped+len(st.Lines) != said+1 {
		t.Errorf("%d + %d lines do not add up to %d", st.Dropped, len(st.Lines), said+1)
	}
}

func TestC01NothingIsTakenWhenTooMuchWaits(t *testing.T) {
	s := talking(t, wire.RoleRep)
	s.Step(begin, Unlinked{})
	for range maxUnsent + 10 {
		s.Step(begin, Say{"hello"})
	}
	st := s.State()
	if !st.Full {
		t.Error("not full")
	}
	lines := 0
	for _, l := range st.Lines {
		if l.Kind == LineChat {
			lines++
		}
	}
	if lines > maxUnsent {
		t.Errorf("%d lines shown, %d kept for sending", lines, maxUnsent)
	}
}

func TestHostilePackets(t *testing.T) {
	tests := []struct {
		name  string
		heard wire.Packet
	}{
		{"a gap", wire.Packet{Seq: 9, Body: &wire.Chat{Text: "x"}}},
		{"an uncounted chat line", wire.Packet{Body: &wire.Chat{Text: "x"}}},
		{"a second Attach", wire.Packet{Body: &wire.Attach{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talking(t, wire.RoleCustomer)
			before := len(s.State().Lines)
			effects := s.Step(begin, Heard{tt.heard})
			if len(effects) == 0 {
				t.Fatal("nothing happens")
			}
			if _, ok := effects[0].(Drop); !ok || len(s.State().Lines) != before {
				t.Errorf("got %#v", effects)
			}
		})
	}
}

func TestARepWhoNeverAcknowledgesIsDropped(t *testing.T) {
	s := talking(t, wire.RoleCustomer)
	now := begin
	for i := range 10 * maxUnsent {
		now = now.Add(AskRest)
		effects := s.Step(now, Heard{wire.Packet{Seq: uint64(i + 2), Body: &wire.Ask{ID: uint32(i + 1), What: wire.View}}})
		for _, f := range effects {
			if _, ok := f.(Drop); ok {
				return
			}
		}
		s.Step(now, Reply{ID: uint32(i + 1)})
	}
	t.Errorf("%d messages are kept", len(s.mail.kept))
}

func TestACustomerWhoNeverAcknowledgesIsDropped(t *testing.T) {
	s := talking(t, wire.RoleRep)
	seq := s.mail.received
	for i := range 10 * uint64(maxUnsent) {
		effects := s.Step(begin, Heard{wire.Packet{Seq: seq + i + 1, Body: &wire.Offer{ID: uint32(2*i + 2), Name: "a", Items: 1}}})
		if slices.ContainsFunc(effects, func(f Effect) bool { _, drops := f.(Drop); return drops }) {
			return
		}
	}
	t.Errorf("%d messages are kept", len(s.mail.kept))
}

func TestOneLineArrivesOnceWhateverIsRepeated(t *testing.T) {
	s := talking(t, wire.RoleCustomer)
	p := wire.Packet{Seq: 2, Body: &wire.Chat{Text: "once"}}
	for range 3 {
		s.Step(begin, Heard{p})
	}
	count := 0
	for _, l := range s.State().Lines {
		if l.Text == "once" {
			count++
		}
	}
	if count != 1 {
		t.Errorf("shown %d times", count)
	}
}
