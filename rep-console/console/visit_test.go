package console

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail/shared/session"
	"handrail/shared/wire"
)

func TestK02ANewlyWaitingSessionMakesItselfHeard(t *testing.T) {
	d := signedIn(t)
	id := d.arrive(1, "Maria")
	equal(d, "sounds", len(did[Chime](d)), 1)
	equal(d, "notifications", len(did[Notify](d)), 1)
	x := d.session(id)
	equal(d, "stage", x.State.Stage, session.Waiting)
	equal(d, "name", x.Name, "Maria")
	s := d.m.State()
	equal(d, "waiting", s.Waiting(), 1)
}

func TestACustomerWithoutANameIsCalledByTheKey(t *testing.T) {
	d := signedIn(t)
	id := d.arrive(1, "")
	equal(d, "name", d.session(id).Name, "Customer 482 913")
}

func TestAcceptTakesWhoHasWaitedLongest(t *testing.T) {
	d := signedIn(t)
	first := d.arrive(1, "Maria")
	d.pass(time.Minute)
	second := d.arrive(2, "Noor")
	d.step(Accept{})
	equal(d, "first", d.session(first).State.Stage, session.Talking)
	equal(d, "selected", d.m.State().Selected, first)
	equal(d, "at the customer's", d.cust[first].State().Peer, "Robin Rep")
	d.step(Select{second}, Accept{})
	equal(d, "second", d.session(second).State.Stage, session.Talking)
	equal(d, "tabs", d.m.State().Tabs, []wire.SessionID{first, second})
}

func TestDecliningSendsTheCustomerAwayAndTakesThemOffTheList(t *testing.T) {
	d := signedIn(t)
	id := d.arrive(1, "Maria")
	d.step(Select{id}, Decline{id})
	equal(d, "why at the customer's", d.cust[id].State().Why, wire.EndDeclined)
	equal(d, "sessions", len(d.m.State().Sessions), 0)
	equal(d, "selected", d.m.State().Selected, wire.SessionID{})
}

func TestACustomerWhoLeavesBeforeBeingTakenIsShownForAWhile(t *testing.T) {
	d := signedIn(t)
	id := d.arrive(1, "Maria")
	d.customer(id, session.Leave{})
	equal(d, "stage", d.session(id).State.Stage, session.Over)
	d.pass(LeftTime)
	equal(d, "sessions", len(d.m.State().Sessions), 0)
}

func TestK03EachSessionKeepsItsTabDraftAndUnreadMark(t *testing.T) {
	d := signedIn(t)
	a, b := d.talk(1, "Maria"), d.talk(2, "Noor")
	d.step(Draft{a, "half a sent"}, Draft{b, "other"})
	d.customer(a, session.Say{Text: "hello?"})
	d.customer(a, session.Say{Text: "are you there?"})
	d.customer(b, session.Say{Text: "I see it"})
	equal(d, "unread in the tab behind", d.session(a).Unread, 2)
	equal(d, "unread in the tab in front", d.session(b).Unread, 0)
	equal(d, "sounds while the console is in front", len(did[Chime](d)), 0)
	d.step(SelectTab{0})
	equal(d, "selected", d.m.State().Selected, a)
	equal(d, "unread once looked at", d.session(a).Unread, 0)
	equal(d, "draft", d.session(a).Draft, "half a sent")
	d.step(NextTab{1})
	equal(d, "next tab", d.m.State().Selected, b)
	d.step(NextTab{1})
	equal(d, "around the corner", d.m.State().Selected, a)
	d.step(NextTab{-1})
	equal(d, "and back", d.m.State().Selected, b)
	d.step(SelectTab{7})
	equal(d, "no such tab", d.m.State().Selected, b)
	d.step(SelectTab{-1})
	equal(d, "last tab", d.m.State().Selected, b)
}

func TestK03ADetachedSessionIsReadInItsOwnWindow(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Detach{id, true})
	d.customer(id, session.Say{Text: "one"})
	equal(d, "unread while the main window has the keyboard", d.session(id).Unread, 1)
	d.step(Focus{ID: id})
	equal(d, "unread in its own window", d.session(id).Unread, 0)
	d.customer(id, session.Say{Text: "two"})
	equal(d, "unread in its own window", d.session(id).Unread, 0)
	d.step(Detach{id, false}, Focus{})
	d.customer(id, session.Say{Text: "three"})
	equal(d, "unread back in its tab", d.session(id).Unread, 0)
}

func TestK02AMessageIsHeardWhileTheConsoleIsNotInFront(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Focus{Nowhere: true})
	d.customer(id, session.Say{Text: "my password is swordfish"})
	equal(d, "sounds", len(did[Chime](d)), 1)
	note := did[Notify](d)
	if len(note) != 1 || note[0].Title != "Maria" || strings.Contains(note[0].Text, "swordfish") {
		t.Errorf("notification %q", note)
	}
	equal(d, "unread", d.session(id).Unread, 1)
	d.step(Focus{})
	equal(d, "unread once in front", d.session(id).Unread, 0)
}

func TestC01WhatIsWrittenArrivesWholeHoweverLong(t *testing.T) {
	long := strings.Repeat("näher heran, bitte. ", 2000)
	rows := []struct {
		name, text string
		want       []string
	}{
		{"a line", "hello", []string{"hello"}},
		{"space at the end", "hello \n", []string{"hello"}},
		{"nothing", " \n", nil},
		{"a long text", long, []string{strings.TrimSpace(long)}},
		{"without a gap", strings.Repeat("ü", wire.MaxText), []string{strings.Repeat("ü", wire.MaxText)}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d := signedIn(t)
			id := d.talk(1, "Maria")
			d.step(Draft{id, r.text}, Say{id, r.text})
			var got []string
			for _, l := range d.cust[id].State().Lines {
				if l.Kind == session.LineChat {
					got = append(got, l.Text)
				}
			}
			for _, l := range got {
				if len(l) > wire.MaxText || !utf8.ValidString(l) {
					t.Errorf("a part of %d bytes, valid %v", len(l), utf8.ValidString(l))
				}
			}
			bare := func(parts []string) string { return strings.Join(strings.Fields(strings.Join(parts, "")), "") }
			equal(d, "arrived", bare(got), bare(r.want))
			if r.want != nil {
				equal(d, "draft", d.session(id).Draft, "")
			}
		})
	}
}

func TestATextThatCannotBeTakenStaysInTheEntry(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(d.run(id, wire.RoleRep, session.Unlinked{})...)
	for range 600 {
		d.step(Say{id, "hello"})
	}
	d.step(Draft{id, "kept"}, Say{id, "kept"})
	equal(d, "draft", d.session(id).Draft, "kept")
	if d.m.State().Note == "" {
		t.Error("nothing says why it was not sent")
	}
}

func TestC05NudgeWaitsTenSeconds(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Nudge{id})
	d.step(Nudge{id})
	equal(d, "nudges", len(did[Do](d)), 1)
	equal(d, "next nudge", d.session(id).State.NudgeFrom, d.now.Add(10*time.Second))
	d.pass(10 * time.Second)
	d.step(Nudge{id})
	equal(d, "nudges", len(did[Do](d)), 2)
}

func TestS01TheRepAsksTheCustomerAllowsAndTheRepGivesBack(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(AskFor{id, wire.View | wire.Control})
	q := d.cust[id].State().Request
	if q == nil || d.session(id).State.Request == nil {
		t.Fatal("no question is open")
	}
	d.step(AskFor{id, wire.View})
	equal(d, "questions while one is open", len(did[Do](d)), 1)
	d.customer(id, session.Reply{ID: q.ID, Allow: true})
	equal(d, "granted", d.session(id).State.Granted, wire.View|wire.Control)
	d.step(GiveBack{id, wire.Control})
	equal(d, "after giving control back", d.session(id).State.Granted, wire.View)
	d.step(GiveBack{id, wire.View})
	equal(d, "after stopping", d.session(id).State.Granted, wire.Permission(0))
}

func TestS05TheChosenQualityIsForThisSessionAndTheNext(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Tune{id, wire.Profile16}, Tune{id, 9})
	equal(d, "at the customer's", d.cust[id].State().Profile, wire.Profile16)
	kept := did[Remember](d)
	equal(d, "remembered", kept[len(kept)-1].Settings.Profile, wire.Profile16)
	next := d.talk(2, "Tom")
	equal(d, "at the next customer's", d.cust[next].State().Profile, wire.Profile16)
	d.step(Tune{next, wire.ProfileAutomatic})
	equal(d, "the one before", d.cust[id].State().Profile, wire.Profile16)
	equal(d, "a start with nonsense in the file", New(d.now, Config{Settings: Settings{Profile: 7}}).State().Settings.Profile, wire.ProfileAutomatic)
}

func TestS01AfterARefusalAskingAgainWaits(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(AskFor{id, wire.View})
	d.customer(id, session.Reply{ID: d.cust[id].State().Request.ID})
	d.effects()
	d.step(AskFor{id, wire.View})
	equal(d, "questions at once", len(did[Do](d)), 0)
	d.pass(session.AskRest)
	d.step(AskFor{id, wire.View})
	equal(d, "questions after a rest", len(did[Do](d)), 1)
}

func TestEndingAsksOnceAndTheTabStaysUntilClosed(t *testing.T) {
	d := signedIn(t)
	a, b := d.talk(1, "Maria"), d.talk(2, "Noor")
	d.step(Select{a}, End{a})
	equal(d, "question", d.m.State().Question, Question{Ask: EndSession, ID: a})
	equal(d, "before the answer", d.cust[a].State().Stage, session.Talking)
	d.step(Yes{})
	equal(d, "why at the customer's", d.cust[a].State().Why, wire.EndByRep)
	d.pass(time.Hour)
	if lines := d.session(a).State.Lines; len(lines) == 0 {
		t.Error("nothing is left to read")
	}
	d.step(End{a})
	equal(d, "tabs", d.m.State().Tabs, []wire.SessionID{b})
	equal(d, "selected", d.m.State().Selected, b)
}

func TestAQuestionGoesWhenTheCustomerEndsFirst(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(End{id})
	d.customer(id, session.Leave{})
	equal(d, "question", d.m.State().Question, Question{})
}

func TestASessionWhoseOwnerStopsIsOver(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(SessionGone{id})
	x := d.session(id)
	equal(d, "stage", x.State.Stage, session.Over)
	equal(d, "why", x.State.Why, wire.EndLost)
	equal(d, "the last line", x.State.Lines[len(x.State.Lines)-1].Kind, session.LineEnded)
}

func TestFullScreenNeedsSomethingToSee(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(FullScreen{id, true})
	equal(d, "with nothing shared", d.session(id).Full, false)
	d.step(AskFor{id, wire.View})
	d.customer(id, session.Reply{ID: d.cust[id].State().Request.ID, Allow: true})
	d.step(FullScreen{id, true})
	equal(d, "with something shared", d.session(id).Full, true)
	d.customer(id, session.StopSharing{})
	equal(d, "after STOP SHARING", d.session(id).Full, false)
}
