package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// pushed is a notice that a rep tells everybody who waits.
func pushed(id uint64) Notice {
	return Notice{ID: id, Title: "Mail is down", Text: "We **know**.", Until: noon.Add(time.Hour), Leave: true}
}

func TestP07PushAddsANoticeAndLeavesTheRest(t *testing.T) {
	before := Default("Help")
	after, err := before.Push(Main, pushed(7), noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(before.Portals[Main].Notices) != 0 {
		t.Error("the settings it was given are others now")
	}
	want := pushed(7)
	want.Pushed = true
	if got := after.Portals[Main].Notices; !slices.Equal(got, []Notice{want}) {
		t.Errorf("notices are %+v", got)
	}
	for _, p := range Paths(Compare(before, after)) {
		if !strings.HasPrefix(p, "portals.main.notices") {
			t.Errorf("%s has changed", p)
		}
	}
	again, err := after.Push(Main, pushed(7), noon.Add(time.Minute))
	if err != nil || !Same(again, after) {
		t.Errorf("said again: %v, %+v", err, again.Portals[Main].Notices)
	}
}

func TestP07WhatCannotBePushed(t *testing.T) {
	full := Default("Help")
	for id := range uint64(MaxActive) {
		var err error
		if full, err = full.Push(Main, pushed(id+1), noon); err != nil {
			t.Fatal(err)
		}
	}
	other := pushed(1)
	other.Text = "Something else."
	change := func(f func(*Notice)) Notice { n := pushed(50); f(&n); return n }
	for name, c := range map[string]struct {
		in     Settings
		portal string
		n      Notice
		want   error
	}{
		"an eleventh that counts":   {full, Main, pushed(50), ErrManyNotices},
		"one in a portal that went": {full, "brand", pushed(50), ErrNoPortal},
		"another one with its ID":   {one(t, 1), Main, other, ErrBad},
		"without a title":           {Default("Help"), Main, change(func(n *Notice) { n.Title = "  " }), ErrBad},
		"without a text":            {Default("Help"), Main, change(func(n *Notice) { n.Text = "" }), ErrBad},
		"a title of 81 characters":  {Default("Help"), Main, change(func(n *Notice) { n.Title = strings.Repeat("ü", MaxName+1) }), ErrBad},
		"of 1,021 characters":       {Default("Help"), Main, change(func(n *Notice) { n.Text = strings.Repeat("ü", MaxNotice+1) }), ErrBad},
		"with a macro of no notice": {Default("Help"), Main, change(func(n *Notice) { n.Text = "Dear {name}" }), ErrBad},
	} {
		after, err := c.in.Push(c.portal, c.n, noon)
		if !errors.Is(err, c.want) || !Same(after, c.in) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := change(func(n *Notice) { n.Text = strings.Repeat("ü", MaxNotice) })
	if _, err := Default("Help").Push(Main, long, noon); err != nil {
		t.Errorf("of 1,020 characters: %v", err)
	}
}

func one(t *testing.T, id uint64) Settings {
	t.Helper()
	s, err := Default("Help").Push(Main, pushed(id), noon)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestP07EndedNoticesAreOverAndStay(t *testing.T) {
	before := one(t, 7)
	after, err := before.End(Main, 7, noon.Add(time.Minute))
	if err != nil || len(after.Portals[Main].Active(noon.Add(time.Minute))) != 0 || len(after.Portals[Main].Notices) != 1 {
		t.Errorf("ended: %v, %+v", err, after.Portals[Main].Notices)
	}
	if !before.Portals[Main].Notices[0].Active(noon.Add(time.Minute)) {
		t.Error("the settings it was given are others now")
	}
	if _, err := before.End("brand", 7, noon); !errors.Is(err, ErrNoPortal) {
		t.Errorf("in a portal that went: %v", err)
	}
	written := Default("Help") // on the page, for the portal alone
	p := written.Portals[Main]
	p.Notices = []Notice{{ID: 3, Title: "Closed on Friday", Text: "We are back on Monday."}}
	written.Portals[Main] = p
	for name, c := range map[string]struct {
		in Settings
		id uint64
		at time.Time
	}{
		"one that nobody pushed": {written, 3, noon},
		"one that is not there":  {before, 8, noon},
		"one that is over":       {before, 7, noon.Add(2 * time.Hour)},
	} {
		if got, err := c.in.End(Main, c.id, c.at); err != nil || !Same(got, c.in) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestP07ThoseOverLongestMakeRoom(t *testing.T) {
	s := Default("Help")
	p := s.Portals[Main]
	for id := range uint64(MaxNotices) {
		p.Notices = append(p.Notices, Notice{
			ID: id + 1, Title: fmt.Sprint("News ", id), Text: "Old.", Until: noon.Add(-time.Duration(id%7+1) * time.Hour),
		})
	}
	s.Portals[Main] = p
	after, err := s.Push(Main, pushed(500), noon)
	if err != nil {
		t.Fatal(err)
	}
	left := after.Portals[Main].Notices
	if len(left) != MaxNotices || left[len(left)-1].ID != 500 {
		t.Errorf("%d notices, the last %+v", len(left), left[len(left)-1])
	}
	if slices.ContainsFunc(left, func(n Notice) bool { return n.ID == 7 }) || len(p.Notices) != MaxNotices {
		t.Error("the one that has been over longest is still there, or the old settings are others")
	}
}
