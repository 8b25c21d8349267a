package shift

import (
	"fmt"
	"testing"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func TestP07WhatThePagesOfSeveralBrokersSayOfAPortalIsAddedUp(t *testing.T) {
	x := newExchange(t, b2)
	board := func(waiting, told int) console.Noticeboards {
		return console.Noticeboards{Boards: []console.Board{{Portal: "main", Name: "Help", Waiting: waiting, Notices: []console.Notice{{ID: 9, Title: "Mail is down", Told: told}}}}}
	}
	all := func(events []console.Event) console.Board {
		t.Helper()
		if len(events) != 1 {
			t.Fatalf("the console hears %v", events)
		}
		return events[0].(console.Noticeboards).Boards[0]
	}
	if b := all(x.tell(home, board(3, 2))); b.Waiting != 3 || b.Notices[0].Told != 2 {
		t.Errorf("of one: %+v", b)
	}
	if b := all(x.tell(b2, board(4, 5))); b.Waiting != 7 || len(b.Notices) != 1 || b.Notices[0].Told != 7 {
		t.Errorf("of two: %+v", b)
	}
	if events := x.tell(b2, board(4, 5)); events != nil {
		t.Errorf("what is no news: %v", events)
	}
	x.tell(b2, console.SignedIn{Rep: 1})
	if events := x.tell(b2, board(4, 5)); events != nil {
		t.Errorf("before all of it is told again: %v", events)
	}
	x.tell(b2, console.Noticeboards{Boards: []console.Board{{Portal: "main"}}})
	queues := console.Queues{Queues: []wire.Queue{{ID: "team:1"}}}
	events := x.tell(b2, queues)
	if len(events) != 2 || all(events[:1]).Waiting != 3 {
		t.Errorf("when the rep may push at one broker alone: %v", events)
	}
}

func TestP07HostileBrokersFillNoNoticeboard(t *testing.T) {
	x := newExchange(t, b2)
	many := func(from uint64) []console.Notice {
		all := make([]console.Notice, 2*maxNotices)
		for i := range all {
			all[i].ID = from + uint64(i)
		}
		return all
	}
	for n := range 2 * maxBoards {
		x.tell(home, console.Noticeboards{Boards: []console.Board{{Portal: fmt.Sprint(n), Name: "Help"}}})
		x.tell(b2, console.Noticeboards{Boards: []console.Board{{Portal: fmt.Sprint(-n), Name: "Help"}}})
	}
	if n := len(x.told[home].boards); n > maxBoards {
		t.Errorf("%d portals of one broker are remembered", n)
	}
	if n := len(x.boarded); n != maxBoards {
		t.Errorf("the console is told of %d portals", n)
	}
	x.tell(home, console.Noticeboards{Boards: []console.Board{{Portal: "0", Name: "Help", Notices: many(1)[:wire.MaxNotices]}}})
	x.tell(b2, console.Noticeboards{Boards: []console.Board{{Portal: "0", Name: "Help", Notices: many(1000)}}})
	if n := len(x.boarded[0].Notices); n != maxNotices {
		t.Errorf("the console is told of %d notices of a portal", n)
	}
}

func TestP07OneBrokerIsToldAndAnotherIfThatOneIsLost(t *testing.T) {
	x := newExchange(t, b2)
	push := &wire.PushNotice{Request: [16]byte{7}}
	if !x.switchboard.tell(x.now, push.Request, push) {
		t.Fatal("nobody is told")
	}
	x.wantSaid(" *wire.PushNotice")
	x.lost(home)
	x.wantSaid(b2 + " *wire.PushNotice")
	x.up(home)
	if e := x.tell(b2, console.NoticeKept{Request: push.Request}); len(e) != 1 {
		t.Errorf("the console hears %v", e)
	}
	x.lost(b2)
	x.wantSaid() // it is answered
	x.up(b2)
	late := &wire.EndNotice{Request: [16]byte{8}}
	x.switchboard.tell(x.now, late.Request, late)
	x.wantSaid(" *wire.EndNotice")
	x.now = x.now.Add(console.AnswerTime)
	x.lost(home)
	x.wantSaid() // the console has given it up
	x.lost(b2)
	if x.switchboard.tell(x.now, push.Request, push) {
		t.Error("somebody is told though nobody is there")
	}
}

func TestP07ANoticeGoesToTheBrokerAndBack(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.do(console.TellOn{})
		if o.shown().Tell.Open {
			t.Error("a sheet for who may not")
		}
		until := time.Now().Add(time.Hour)
		o.tell(&wire.Noticeboard{Portal: "main", Name: "Help", Waiting: 4, Notices: []wire.Notice{
			{ID: 3, Title: "Closed", Text: "On Friday.", Until: until.Add(aheadOf).UnixMilli(), Told: 1}, {ID: 4, Title: "Open", Text: "Again."},
		}})
		o.tell(&wire.Queues{Queues: []wire.Queue{{ID: "team:1", What: wire.QueueTeam, Name: "Printers"}}})
		s := o.shown()
		if len(s.Boards) != 1 || s.Boards[0].Waiting != 4 || s.Boards[0].Notices[0].Until.Sub(until).Abs() > time.Second || !s.Boards[0].Notices[1].Until.IsZero() {
			t.Fatalf("boards %+v", s.Boards)
		}
		for _, e := range []console.Event{
			console.TellOn{},
			console.TellTitle{Text: "Mail is down"},
			console.TellText{Text: "We know."},
			console.TellTerm{Term: 30 * time.Minute},
			console.TellLeave{On: true},
			console.TellGo{},
			console.TellEnd{ID: 3},
		} {
			o.do(e)
		}
		pushes, ends := heard[*wire.PushNotice](o), heard[*wire.EndNotice](o)
		if len(pushes) != 1 || len(ends) != 1 {
			t.Fatalf("the broker hears %v and %v", pushes, ends)
		}
		push, end := pushes[0], ends[0]
		if push.Portal != "main" || push.Title != "Mail is down" || push.Life != 1800 || !push.Leave || end.ID != 3 || end.Portal != "main" {
			t.Fatalf("the broker hears %+v and %+v", push, end)
		}
		o.tell(&wire.Problem{Code: wire.CodeManyNotices, About: wire.KindPushNotice, Key: push.Request})
		if v := o.shown().Tell; v.Problem != words.ManyNotices || v.Busy || v.Text != "We know." {
			t.Errorf("refused: %+v", v)
		}
		o.do(console.TellGo{})
		o.tell(&wire.NoticeKept{Request: push.Request})
		o.tell(&wire.Noticeboard{Portal: "main", Name: "Help", Waiting: 4, Notices: []wire.Notice{{ID: push.NoticeID(), Title: "Mail is down", Text: "We know.", Told: 4}}})
		if v := o.shown().Tell; !v.Done || v.Told != 4 || v.Text != "" {
			t.Errorf("told: %+v", v)
		}
		o.tell(&wire.Noticeboard{Portal: "main"})
		if s := o.shown(); len(s.Boards) != 0 || s.Tell.Open {
			t.Errorf("who may no more: %+v", s.Tell)
		}
	})
}
