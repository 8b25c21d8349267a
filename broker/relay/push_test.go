package relay

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

func (r *records) PushNotice(_ context.Context, by uint64, portal string, n settings.Notice, now time.Time) error {
	return r.changeNotices(by, func() (settings.Settings, error) { return r.settings.Push(portal, n, now) })
}

func (r *records) EndNotice(_ context.Context, by uint64, portal string, id uint64, now time.Time) error {
	return r.changeNotices(by, func() (settings.Settings, error) { return r.settings.End(portal, id, now) })
}

func (r *records) changeNotices(by uint64, change func() (settings.Settings, error)) error {
	o, err := r.Organisation(context.Background())
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing {
		return errors.New("disk full")
	}
	if !o.May(by)[people.PushNotices] {
		return people.ErrNotAllowed
	}
	if r.settings.Portals == nil {
		r.settings = settings.Default("Works")
	}
	set, err := change()
	if err == nil && !settings.Same(set, r.settings) {
		r.settings, r.version = set, r.version+1
		r.hinted++
	}
	return err
}

// leads makes a rep the lead of a team, who may push notices.
func (h *house) leads(rep uint64) {
	h.records.change(func() {
		h.records.settings, h.records.version = settings.Default("Works"), h.records.version+1
		h.records.people.Teams = map[uint64]people.Team{1: {ID: 1, Name: "Printers", Members: map[uint64]people.Rank{rep: people.Lead}}}
		h.records.hinted++
	})
	time.Sleep(2 * ticking)
}

func pushing(n byte, change ...func(*wire.PushNotice)) *wire.PushNotice {
	m := &wire.PushNotice{Request: [16]byte{7: n}, Portal: settings.Main, Title: "Mail is down", Text: "We **know**.", Life: 3600, Leave: true}
	for _, f := range change {
		f(m)
	}
	return m
}

func TestP07APermittedRepTellsEverybodyWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna := h.rep("anna")
		h.leads(1)
		place, err := h.relay.Come(t.Context(), arrival("general"))
		if err != nil {
			t.Fatal(err)
		}
		maria := h.enter(place.Code)
		time.Sleep(2 * ticking)
		if b := heard[*wire.Noticeboard](h, anna); b.Portal != settings.Main || b.Name != "Works" || len(b.Notices) != 0 {
			t.Errorf("before: %+v", b)
		}
		for range 2 { // said again, after an answer that was lost
			anna.in <- pushing(9)
			if kept := heard[*wire.NoticeKept](h, anna); kept.Request != pushing(9).Request {
				t.Errorf("kept %+v", kept)
			}
		}
		time.Sleep(2 * ticking)
		if n := heard[*wire.Told](h, maria); n.What != wire.TellNotice || n.Text != "We know." || !n.Leave {
			t.Errorf("told %+v", n)
		}
		if b := heard[*wire.Noticeboard](h, anna); b.Waiting != 1 || len(b.Notices) != 1 || b.Notices[0].ID != 9 || b.Notices[0].Told != 1 || b.Notices[0].Text != "We **know**." {
			t.Errorf("after: %+v", b)
		}
		anna.in <- &wire.EndNotice{Request: [16]byte{1}, Portal: settings.Main, ID: 9}
		if kept := heard[*wire.NoticeKept](h, anna); kept.Request != [16]byte{1} {
			t.Errorf("ended: %+v", kept)
		}
		time.Sleep(2 * ticking)
		if b := heard[*wire.Noticeboard](h, anna); len(b.Notices) != 0 {
			t.Errorf("ended: %+v", b)
		}
		set, version, err := h.records.Settings(t.Context())
		if err != nil || version != 3 || len(set.Portals[settings.Main].Notices) != 1 {
			t.Errorf("version %d, %v, %+v", version, err, set.Portals[settings.Main].Notices)
		}
	})
}

func TestP07WhatIsNotPushedIsSaidWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, bert := h.rep("anna"), h.rep("bert")
		h.leads(1)
		refused := func(who *wireEnd, m wire.Message, want wire.Code) {
			t.Helper()
			who.in <- m
			if p := heard[*wire.Problem](h, who); p.Code != want || p.About != m.Kind() || p.Key == [16]byte{} {
				t.Errorf("%+v: %+v, want %d", m, p, want)
			}
		}
		refused(bert, pushing(1), wire.CodeNotAllowed)
		refused(bert, &wire.EndNotice{Request: [16]byte{2}, Portal: settings.Main, ID: 1}, wire.CodeNotAllowed)
		refused(anna, pushing(3, func(m *wire.PushNotice) { m.Portal = "brand" }), wire.CodeNoPortal)
		refused(anna, &wire.EndNotice{Request: [16]byte{4}, Portal: "brand", ID: 1}, wire.CodeNoPortal)
		refused(anna, pushing(5, func(m *wire.PushNotice) { m.Text = "Dear {name}" }), wire.CodeBadNotice)
		h.records.change(func() { h.records.failing = true })
		refused(anna, pushing(6), wire.CodeInternal)
		h.records.change(func() { h.records.failing = false })
		for n := range byte(settings.MaxActive) {
			anna.in <- pushing(20 + n)
			heard[*wire.NoticeKept](h, anna)
		}
		refused(anna, pushing(50), wire.CodeManyNotices)
		stranger := h.client(wire.RoleRep)
		refused(stranger, pushing(51), wire.CodeOutOfPlace)
		if len(slices.Collect(maps.Keys(h.records.settings.Portals))) != 1 {
			t.Error("a portal came of it")
		}
	})
}

func TestP07ARepWhoNeverStopsIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna := h.rep("anna")
		h.leads(1)
		kept := 0
		for n := range byte(2 * repPushes) {
			anna.in <- &wire.EndNotice{Request: [16]byte{n + 1}, Portal: settings.Main, ID: 1}
			synctest.Wait()
			switch m := answerOf(h, anna).(type) {
			case *wire.NoticeKept:
				kept++
			case *wire.Problem:
				if m.Code != wire.CodeBusy {
					t.Errorf("refused: %+v", m)
				}
			}
		}
		if kept != repPushes {
			t.Errorf("%d of %d were kept", kept, 2*repPushes)
		}
		time.Sleep(repPushEvery)
		again := h.rep("anna") // the count is of the rep, not of the connection
		for _, want := range []bool{true, false} {
			again.in <- &wire.EndNotice{Request: [16]byte{99}, Portal: settings.Main, ID: 1}
			if _, ok := answerOf(h, again).(*wire.NoticeKept); ok != want {
				t.Errorf("later: kept is %v", ok)
			}
		}
	})
}

// answerOf is the newest answer to what a rep wants pushed.
func answerOf(h *house, w *wireEnd) wire.Message {
	h.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range slices.Backward(w.told) {
		switch m.(type) {
		case *wire.NoticeKept, *wire.Problem:
			return m
		}
	}
	return nil
}
