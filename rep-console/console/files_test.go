package console

import (
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// with gives a session a transfer, as its State would.
func (d *desk) with(id wire.SessionID, x session.Transfer) {
	d.Helper()
	s := d.session(id).State
	s.Transfers = []session.Transfer{x}
	s.Lines = append(s.Lines[:len(s.Lines):len(s.Lines)], session.Line{At: d.now, Kind: session.LineTransfer, Mine: x.Mine, Transfer: x.ID})
	d.step(SessionChanged{ID: id, State: s})
}

func TestC03FilesAreOfferedToARunningSession(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	paths := []string{"/tmp/a"}
	d.step(Files{ID: id, Paths: paths})
	offers := did[Offer](d)
	if len(offers) != 1 || offers[0].ID != id || offers[0].Paths[0] != "/tmp/a" {
		t.Fatalf("offered %+v", offers)
	}
	d.step(Files{ID: id})
	d.step(Files{Paths: paths})
	equal(d, "offers to nobody", len(did[Offer](d)), 1)
	equal(d, "remark", d.m.State().Note, string(words.RepDropHere))
	full := d.session(id).State
	full.Full = true
	d.step(SessionChanged{ID: id, State: full}, Files{ID: id, Paths: paths})
	equal(d, "offers while too much waits", len(did[Offer](d)), 1)
	equal(d, "remark", d.m.State().Note, string(words.FilesFull))
	for _, c := range []struct {
		kept func(*session.State)
		why  words.Sentence
	}{
		{func(s *session.State) { s.Denied.Send = true }, words.DeniedByOrganisation},
		{func(s *session.State) { s.Verified = false }, words.HeldBack},
	} {
		s := full
		s.Full = false
		c.kept(&s)
		d.step(SessionChanged{ID: id, State: s}, Files{ID: id, Paths: paths})
		equal(d, "offers that would be refused", len(did[Offer](d)), 1)
		equal(d, "remark", d.m.State().Note, string(c.why))
	}
	resting := full
	resting.Full, resting.AskFrom = false, d.now.Add(7*time.Second)
	d.step(SessionChanged{ID: id, State: resting}, Files{ID: id, Paths: paths})
	equal(d, "offers right after a no", len(did[Offer](d)), 1)
	equal(d, "remark", d.m.State().Note, "The customer has just said no. You can send something again in 7 s.")
	d.step(NotOffered{ID: id, Name: "a", Why: wire.HaltUnreadable})
	equal(d, "remark", d.m.State().Note, "“a” cannot be read, so it cannot be sent.")
}

func TestC03TheRepTakesAndCancelsWhatIsOpen(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	events := func() (all []session.Event) {
		for _, x := range did[Do](d) {
			switch x.Event.(type) {
			case session.Take, session.Cancel:
				all = append(all, x.Event)
			}
		}
		return all
	}
	theirs := session.Transfer{ID: 2, Stage: session.TransferOffered}
	d.with(id, theirs)
	d.step(Take{ID: id, Transfer: 2, Allow: true}, Take{ID: id, Transfer: 4, Allow: true}, Halt{ID: id, Transfer: 4})
	equal(d, "taken", events(), []session.Event{session.Take{ID: 2, Allow: true}})
	theirs.Stage = session.TransferGoing
	d.with(id, theirs)
	d.step(Take{ID: id, Transfer: 2, Allow: true}, Halt{ID: id, Transfer: 2})
	equal(d, "cancelled", events(), []session.Event{session.Take{ID: 2, Allow: true}, session.Cancel{ID: 2}})
	theirs.Stage = session.TransferArrived
	d.with(id, theirs)
	d.step(Halt{ID: id, Transfer: 2})
	mine := session.Transfer{ID: 1, Mine: true, Stage: session.TransferOffered}
	d.with(id, mine)
	d.step(Take{ID: id, Transfer: 1, Allow: true})
	equal(d, "after the end, and of the rep's own", len(events()), 2)
}

func TestC03AnOfferIsUnreadAndMakesItselfHeard(t *testing.T) {
	d := signedIn(t)
	a, b := d.talk(1, "Maria"), d.talk(2, "Noor")
	d.with(a, session.Transfer{ID: 2})
	equal(d, "unread", d.session(a).Unread, 1)
	d.with(a, session.Transfer{ID: 3, Mine: true})
	equal(d, "unread after one of the rep's own", d.session(a).Unread, 1)
	before := len(did[Notify](d))
	d.step(Focus{Nowhere: true})
	d.with(b, session.Transfer{ID: 2})
	all := did[Notify](d)
	equal(d, "notifications", len(all), before+1)
	equal(d, "text", all[len(all)-1].Text, string(words.RepFileOffered))
}

func TestC03WhatIsLeftIsForetold(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	x := session.Transfer{ID: 1, Mine: true, Size: 100, Stage: session.TransferGoing}
	for range 6 {
		d.pass(time.Second)
		d.with(id, x)
		x.Done += 10
	}
	if got := d.session(id).Left[1]; got < 4*time.Second || got > 6*time.Second {
		t.Errorf("%v left of 50 at 10 a second", got)
	}
}

func TestZ06TheSecondsWithoutAConnectionAreCounted(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	s := d.session(id).State
	s.Linked, s.CutSince = false, d.now.Add(-300*time.Millisecond)
	d.step(SessionChanged{ID: id, State: s})
	if got := d.m.Wake(); got.Sub(s.CutSince) != time.Second {
		t.Errorf("wakes %v after the cut", got.Sub(s.CutSince))
	}
}
