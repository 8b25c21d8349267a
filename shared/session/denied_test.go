package session

import (
	"slices"
	"testing"
	"time"

	"handrail/shared/wire"
)

// denying is a session that goes on, with a rep from whom something is kept.
func denying(names ...string) *Session {
	s := New(begin, Config{Role: wire.RoleCustomer, CanControl: true, CanClip: true, Denied: names})
	s.Step(begin, Linked{})
	s.Step(begin, Heard{wire.Packet{Body: &wire.Attach{Version: wire.Version}}})
	s.Step(begin, Heard{wire.Packet{Seq: 1, Body: &wire.Accepted{Name: "Anna"}}})
	return s
}

// answers are the verdicts among effects.
func answers(effects []Effect) (all []wire.Verdict) {
	for _, e := range effects {
		if send, ok := e.(Send); ok {
			switch m := send.Packet.Body.(type) {
			case *wire.Answer:
				all = append(all, m.Verdict)
			case *wire.Reply:
				all = append(all, m.Verdict)
			}
		}
	}
	return all
}

func TestA03WhatTheOrganisationDeniesIsRefusedWithoutAsking(t *testing.T) {
	control, clips := wire.View|wire.Control, wire.View|Clipboard
	for _, c := range []struct {
		denied []string
		ask    wire.Message
		asked  bool
	}{
		{nil, &wire.Ask{ID: 1, What: control}, true},
		{[]string{"control"}, &wire.Ask{ID: 1, What: control}, false},
		{[]string{"control"}, &wire.Ask{ID: 1, What: wire.View}, true},
		{[]string{"view"}, &wire.Ask{ID: 1, What: wire.View}, false},
		{[]string{"view"}, &wire.Ask{ID: 1, What: Clipboard}, false},
		{[]string{"copy-in"}, &wire.Ask{ID: 1, What: clips}, false},
		{[]string{"copy-out"}, &wire.Ask{ID: 1, What: wire.ClipIn}, true},
		{[]string{"send-files"}, &wire.Offer{ID: 1, Name: "a", Items: 1}, false},
		{[]string{"take-files"}, &wire.Offer{ID: 1, Name: "a", Items: 1}, true},
		{[]string{"fly", "transfer", ""}, &wire.Ask{ID: 1, What: control}, true},
	} {
		s := denying(c.denied...)
		out := s.Step(begin.Add(time.Minute), Heard{wire.Packet{Seq: 2, Body: c.ask}})
		st := s.State()
		if asked := st.Request != nil; asked != c.asked {
			t.Errorf("%q, %T: asked %v", c.denied, c.ask, asked)
		}
		denied := slices.ContainsFunc(st.Lines, func(l Line) bool { return l.Kind == LineDenied })
		if denied == c.asked || !c.asked && !slices.Equal(answers(out), []wire.Verdict{wire.Refused}) {
			t.Errorf("%q, %T: said %v, answered %v", c.denied, c.ask, denied, answers(out))
		}
	}
}

func TestA03ADeniedRequestIsSaidOnceAndNotAgainAtOnce(t *testing.T) {
	s := denying("control", "send-files")
	for i := range 100 {
		var m wire.Message = &wire.Ask{ID: uint32(i + 1), What: wire.Control}
		if i%2 == 1 {
			m = &wire.Offer{ID: uint32(i), Name: "a", Items: 1}
		}
		s.Step(begin.Add(time.Minute), Heard{wire.Packet{Seq: uint64(i + 2), Body: m}})
	}
	if n := len(s.State().Lines); n != 2 { // Accepted, and the first
		t.Errorf("%d lines", n)
	}
}

func TestA03NeitherSideDoesWhatIsDenied(t *testing.T) {
	s := denying("take-files", "nudge")
	out := s.Step(begin.Add(time.Minute), Offer{Name: "a", Items: 1})
	if len(out) != 1 || out[0] != Effect(NotOffered{Name: "a", Why: wire.HaltCancelled}) {
		t.Errorf("offering: %+v", out)
	}
	for _, e := range s.Step(begin.Add(time.Minute), Heard{wire.Packet{Seq: 2, Body: &wire.Nudge{}}}) {
		if e == Effect(Nudged{}) {
			t.Error("nudged")
		}
	}
	rep := New(begin, Config{Role: wire.RoleRep, Denied: []string{"control", "send-files", "nudge"}})
	rep.Step(begin, Linked{})
	rep.Step(begin, Heard{wire.Packet{Body: &wire.Attach{Version: wire.Version}}})
	rep.Step(begin, Accept{})
	for _, e := range []Event{Nudge{}, Ask{What: wire.Control}} {
		if out := rep.Step(begin.Add(time.Minute), e); len(out) != 0 {
			t.Errorf("%T: %+v", e, out)
		}
	}
}
