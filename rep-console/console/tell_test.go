package console

import (
	"strings"
	"testing"
	"time"

	"handrail/shared/wire"
	"handrail/shared/words"
)

func boards(all ...Board) Noticeboards { return Noticeboards{Boards: all} }

func board(id, name string, waiting int, notices ...Notice) Board {
	return Board{Portal: id, Name: name, Waiting: waiting, Notices: notices}
}

// teller is a desk whose rep may push notices, and has begun to write one.
func teller(t *testing.T) *desk {
	d := staffed(t)
	d.step(boards(board("main", "Alpine", 2), board("shop", "Shop", 5)), TellOn{})
	d.effects()
	return d
}

func (d *desk) tell() Tell { return d.m.State().Tell }

func (d *desk) writes(title, text string) {
	d.step(TellTitle{title}, TellText{text})
}

func TestP07WhoMayNotPushHasNoSheet(t *testing.T) {
	d := staffed(t)
	d.step(TellOn{})
	if s := d.m.State(); s.Tell.Open || len(s.Boards) != 0 {
		t.Errorf("sheet %+v", s.Tell)
	}
	d.step(boards(board("main", "Alpine", 2)), TellOn{})
	d.writes("Mail is down", "We know.")
	equal(d, "who may", d.tell().Open, true)
	d.step(boards())
	equal(d, "who may no more", d.tell(), Tell{})
	d.step(boards(board("main", "Alpine", 2)), TellOn{}, SignOut{})
	if s := d.m.State(); s.Tell.Open || len(s.Boards) != 0 {
		t.Errorf("who has signed out: %+v", s.Tell)
	}
}

func TestP07ANoticeIsToldAndCounted(t *testing.T) {
	d := teller(t)
	equal(d, "where most wait", d.tell().Portal, "shop")
	equal(d, "how long", d.tell().Term, time.Hour)
	d.step(TellAt{"main"}, TellAt{"elsewhere"}, TellTerm{2 * time.Hour}, TellTerm{time.Minute}, TellLeave{true}, TellGo{})
	if asked := did[PushNotice](d); len(asked) != 0 {
		t.Fatalf("an empty one is pushed: %+v", asked)
	}
	d.writes("  Mail  is down ", "We know.\n")
	d.step(TellGo{}, TellGo{}, TellText{"Something else"}, TellAt{"shop"})
	asked := just[PushNotice](d)
	want := PushNotice{Portal: "main", Title: "Mail is down", Text: "We know.", Life: 2 * time.Hour, Leave: true}
	if len(asked) != 1 || asked[0].Request == [16]byte{} {
		t.Fatalf("asked %+v", asked)
	}
	want.Request = asked[0].Request
	equal(d, "asked", asked[0], want)
	equal(d, "busy", d.tell().Busy, true)
	d.step(NoticeKept{[16]byte{9}}) // of somebody else's
	equal(d, "not answered yet", d.tell().Busy, true)
	d.step(NoticeKept{want.Request})
	equal(d, "kept", d.tell(), Tell{Open: true, Portal: "main", Term: 2 * time.Hour, Done: true, Told: -1})
	id := (&wire.PushNotice{Request: want.Request}).NoticeID()
	d.step(boards(board("main", "Alpine", 13, Notice{ID: id, Title: "Mail is down", Text: "We know.", Told: 12}), board("shop", "Shop", 5)))
	equal(d, "told", d.tell().Told, 12)
	d.step(TellTitle{"M"})
	equal(d, "the next one", d.tell().Done, false)
	d.writes("Mail is down", "We know.")
	d.step(TellLeave{true}, TellGo{})
	if asked := just[PushNotice](d); len(asked) != 1 || asked[0].Request == want.Request {
		t.Errorf("the same words another time: %+v", asked)
	}
}

func TestP07WhatIsRefusedStaysToBeMended(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(d *desk, p PushNotice)
		want   words.Problem
	}{
		"too many":        {func(d *desk, p PushNotice) { d.step(NoticeRefused{p.Request, words.ManyNotices}) }, words.ManyNotices},
		"no answer":       {func(d *desk, _ PushNotice) { d.pass(AnswerTime) }, words.BrokerBusy},
		"of another push": {func(d *desk, _ PushNotice) { d.step(NoticeRefused{[16]byte{9}, words.NotAllowed}) }, words.NoProblem},
	} {
		d := teller(t)
		d.writes("Mail is down", "We know.")
		d.step(TellGo{})
		first := just[PushNotice](d)[0]
		c.answer(d, first)
		v := d.tell()
		if v.Problem != c.want || v.Title != "Mail is down" || v.Text != "We know." || v.Busy != (c.want == words.NoProblem) {
			t.Errorf("%s: %+v", name, v)
		}
		if v.Busy {
			continue
		}
		d.step(TellGo{})
		if again := just[PushNotice](d); len(again) != 1 || again[0] != first {
			t.Errorf("%s: asked again as another one: %+v", name, again)
		}
		c.answer(d, first)
		d.step(TellText{"We know of it."}, TellGo{})
		if other := just[PushNotice](d); len(other) != 1 || other[0].Request == first.Request {
			t.Errorf("%s: another text as the same one: %+v", name, other)
		}
	}
}

func TestP07ACutConnectionLosesNoNotice(t *testing.T) {
	d := teller(t)
	d.writes("Mail is down", "We know.")
	d.step(TellGo{})
	asked := just[PushNotice](d)
	d.step(Unlinked{Problem: words.BrokerAway}, Linked{}, SignedIn{Rep: 7, Name: "Robin Rep"})
	equal(d, "said again", just[PushNotice](d), asked)
	d.step(NoticeKept{asked[0].Request}, Unlinked{Problem: words.BrokerAway})
	d.writes("More", "News.")
	d.step(TellGo{})
	equal(d, "while nobody is there", d.tell().Problem, words.BrokerAway)
	equal(d, "what is pushed then", len(just[PushNotice](d)), 0)
}

func TestP07LongTextsAreCountedInCharacters(t *testing.T) {
	for _, c := range []struct {
		title, text string
		want        bool
	}{
		{strings.Repeat("ü", wire.MaxNoticeTitle), strings.Repeat("ß", wire.MaxNoticeText), true},
		{strings.Repeat("ü", wire.MaxNoticeTitle+1), "We know.", false},
		{"Mail", strings.Repeat("ß", wire.MaxNoticeText+1), false},
		{" ", "We know.", false},
		{"Mail", "\n", false},
	} {
		d := teller(t)
		d.writes(c.title, c.text)
		d.step(TellGo{})
		if got := len(just[PushNotice](d)) == 1; got != c.want {
			t.Errorf("%d and %d bytes: pushed is %v", len(c.title), len(c.text), got)
		}
	}
}

func TestP07UntilMidnightEndsAtMidnightHere(t *testing.T) {
	zone := time.FixedZone("there", 2*3600)
	for _, c := range []struct {
		now  time.Time
		term time.Duration
		want time.Duration
	}{
		{time.Date(2031, 3, 4, 15, 30, 0, 0, zone), 0, 8*time.Hour + 30*time.Minute},
		{time.Date(2031, 3, 4, 23, 59, 30, 0, zone), 0, time.Minute}, // the least there is
		{time.Date(2031, 3, 4, 23, 59, 30, 0, zone), 30 * time.Minute, 30 * time.Minute},
	} {
		if got := lasting(c.term, c.now); got != c.want {
			t.Errorf("%v from %v: %v", c.term, c.now, got)
		}
	}
}

func TestP07NoticesThatCountCanBeEnded(t *testing.T) {
	d := teller(t)
	news := Notice{ID: 9, Title: "Mail is down", Told: 3}
	d.step(TellAt{"main"}, boards(board("main", "Alpine", 2, news)), TellEnd{8}, TellEnd{9}, TellEnd{9})
	asked := just[EndNotice](d)
	if len(asked) != 1 || asked[0].Portal != "main" || asked[0].ID != 9 || !d.m.State().Boards[0].Notices[0].Ending {
		t.Fatalf("asked %+v, %+v", asked, d.m.State().Boards)
	}
	d.step(NoticeRefused{asked[0].Request, words.NotAllowed})
	if s := d.m.State(); s.Tell.Problem != words.NotAllowed || s.Boards[0].Notices[0].Ending {
		t.Errorf("refused: %+v", s.Tell)
	}
	d.step(TellEnd{9})
	d.pass(AnswerTime)
	if s := d.m.State(); s.Tell.Problem != words.BrokerBusy || s.Boards[0].Notices[0].Ending {
		t.Errorf("no answer: %+v", s.Tell)
	}
	d.step(TellEnd{9}, boards(board("main", "Alpine", 2)))
	if s := d.m.State(); s.Tell.Problem != words.NoProblem || len(s.Boards[0].Notices) != 0 || !s.Tell.Open {
		t.Errorf("ended: %+v", s.Tell)
	}
}

func TestP07TheSheetMakesRoomForWhomTheRepPicks(t *testing.T) {
	d := teller(t)
	id := d.comes(1, "general", "Maria", "Printer", time.Minute)
	d.writes("Mail is down", "We know.")
	for name, e := range map[string]Event{"picked": Pick{id}, "by keys": PickBy{By: 1}, "shown": ShowWaiter{id}, "handed on": MoveOn{id}} {
		d.step(TellShut{}, TellOn{}, e)
		if v := d.tell(); v.Open || v.Text != "We know." {
			t.Errorf("%s: %+v", name, v)
		}
	}
	d.step(TellOn{}, TellOn{})
	equal(d, "pressed twice", d.tell().Open, false)
}
