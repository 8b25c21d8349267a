package record

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

const ahead = 3 * time.Hour // this machine's clock, before the broker's

func noon() time.Time { return time.Date(2031, 3, 4, 12, 0, 0, 0, time.UTC) }

func at(d time.Duration) int64 { return noon().Add(d - ahead).UnixMilli() }

func id() wire.SessionID { return wire.SessionID{7} }

// chat is a session with some lines.
func chat(lines ...session.Line) session.State {
	for i := range lines {
		lines[i].At = noon().Add(time.Duration(i) * time.Second)
	}
	return session.State{Role: wire.RoleRep, Stage: session.Talking, Lines: lines}
}

func said(text string, mine bool) session.Line {
	return session.Line{Kind: session.LineChat, Text: text, Mine: mine}
}

// sealer marks what it sealed.
func sealer(all *[]wire.Log) Seal {
	return func(l *wire.Log) ([]byte, error) {
		*all = append(*all, *l)
		return []byte("sealed"), nil
	}
}

func unsealed(*wire.Log) ([]byte, error) { return nil, errors.New("no key") }

func cut(t *testing.T, r *Record, now time.Time, keep wire.Keep) *wire.Log {
	t.Helper()
	log, err := r.Cut(now, keep, unsealed)
	if err != nil {
		t.Fatal(err)
	}
	if log != nil {
		if _, err := wire.Append(nil, wire.Packet{Body: log}); err != nil {
			t.Fatal(err)
		}
	}
	return log
}

func TestT01WhatHappensBecomesEntries(t *testing.T) {
	r := New(id(), wire.KeepReadable)
	st := chat(
		session.Line{Kind: session.LineAccepted}, said("Hello?", false), said("Hello Maria", true),
		session.Line{Kind: session.LineAsked, What: wire.View | wire.Control},
		session.Line{Kind: session.LineAnswered, What: wire.View | wire.Control, Verdict: wire.Allowed},
		session.Line{Kind: session.LineSharing, What: wire.View | wire.Control, Fresh: wire.View | wire.Control, Sharing: wire.SharingGranted},
		session.Line{Kind: session.LineWithdrawn, What: wire.Control},
		session.Line{Kind: session.LineSharing, Sharing: wire.SharingStopped},
		session.Line{Kind: session.LineNudge},
	)
	half := st
	half.Lines = st.Lines[:4]
	r.Changed(noon(), ahead, half)
	r.Changed(noon(), ahead, half)
	r.Changed(noon(), ahead, st)
	r.Note(noon().Add(time.Minute), ahead, 1, "Driver renewed", wire.OutcomeSolved)
	want := []wire.Entry{
		{At: at(time.Second), Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: "Hello?"},
		{At: at(2 * time.Second), Happened: wire.HappenedSaid, By: wire.RoleRep, Text: "Hello Maria"},
		{At: at(3 * time.Second), Happened: wire.HappenedAsked, What: wire.View | wire.Control},
		{At: at(4 * time.Second), Happened: wire.HappenedAnswered, What: wire.View | wire.Control, Verdict: wire.Allowed},
		{At: at(5 * time.Second), Happened: wire.HappenedSharing, What: wire.View | wire.Control, Why: wire.SharingGranted},
		{At: at(6 * time.Second), Happened: wire.HappenedSharing, What: wire.View, Why: wire.SharingWithdrawn},
		{At: at(7 * time.Second), Happened: wire.HappenedSharing, Why: wire.SharingStopped},
		{At: at(time.Minute), Happened: wire.HappenedNote, Text: "Driver renewed", Outcome: wire.OutcomeSolved},
	}
	log := cut(t, r, noon(), wire.KeepReadable)
	if want := (&wire.Log{Session: id(), Part: 1, Entries: want}); !reflect.DeepEqual(log, want) {
		t.Errorf("got  %+v\nwant %+v", log, want)
	}
}

func TestT01HowFarAFileCame(t *testing.T) {
	const offered, allowed, refused, arrived, stopped = wire.FileOffered, wire.FileAllowed, wire.FileRefused, wire.FileArrived, wire.FileStopped
	for _, row := range []struct {
		stages []session.TransferStage
		over   bool
		want   []wire.FileState
	}{
		{[]session.TransferStage{session.TransferOffered}, false, []wire.FileState{offered}},
		{[]session.TransferStage{session.TransferOffered, session.TransferGoing, session.TransferArrived}, false, []wire.FileState{offered, allowed, arrived}},
		{[]session.TransferStage{session.TransferOffered, session.TransferRefused}, false, []wire.FileState{offered, refused}},
		{[]session.TransferStage{session.TransferGoing, session.TransferHalted}, false, []wire.FileState{offered, allowed, stopped}},
		{[]session.TransferStage{session.TransferOffered, session.TransferArrived}, false, []wire.FileState{offered, allowed, arrived}},
		{[]session.TransferStage{session.TransferGoing, session.TransferHalted, session.TransferArrived}, false, []wire.FileState{offered, allowed, stopped, arrived}},
		{[]session.TransferStage{session.TransferGoing}, true, []wire.FileState{offered, allowed, stopped}},
		{[]session.TransferStage{session.TransferOffered}, true, []wire.FileState{offered, refused}},
	} {
		r := New(id(), wire.KeepReadable)
		st := session.State{Stage: session.Talking}
		for i, stage := range row.stages {
			st.Transfers = []session.Transfer{{ID: 3, Mine: true, Name: "plan.pdf", Size: 9, Items: 1, At: noon(), Stage: stage}}
			r.Changed(noon().Add(time.Duration(i)*time.Second), ahead, st)
		}
		if row.over {
			st.Stage = session.Over
			r.Changed(noon().Add(time.Minute), ahead, st)
		}
		var got []wire.FileState
		for _, e := range cut(t, r, noon(), wire.KeepReadable).Entries {
			if e.Happened != wire.HappenedFile || e.By != wire.RoleRep || e.ID != 3 || e.Size != 9 || e.Items != 1 || e.Text != "plan.pdf" {
				t.Errorf("%v: %+v", row.stages, e)
			}
			got = append(got, e.State)
		}
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%v, over %v: %v, want %v", row.stages, row.over, got, row.want)
		}
	}
}

// What the broker can read follows from the stricter of what was agreed on when
// the session began and what the organisation wants now.
func TestT01TheBrokerReadsNoMoreThanIsKeptForIt(t *testing.T) {
	const secret = "swordfish"
	for _, row := range []struct {
		begun, now     wire.Keep
		cantSeal       bool
		open, inSealed bool
	}{
		{begun: wire.KeepNothing, now: wire.KeepNothing},
		{begun: wire.KeepNothing, now: wire.KeepReadable},
		{begun: wire.KeepNothing, now: wire.KeepSealed},
		{begun: wire.KeepSealed, now: wire.KeepSealed, inSealed: true},
		{begun: wire.KeepSealed, now: wire.KeepReadable, inSealed: true},
		{begun: wire.KeepSealed, now: wire.KeepSealed, cantSeal: true},
		{begun: wire.KeepSealed, now: wire.KeepNothing},
		{begun: wire.KeepReadable, now: wire.KeepReadable, open: true},
		{begun: wire.KeepReadable, now: wire.KeepSealed, inSealed: true},
		{begun: wire.KeepReadable, now: wire.KeepNothing},
	} {
		r := New(id(), row.begun)
		st := chat(said(secret, false), said(secret, true), session.Line{Kind: session.LineAsked, What: wire.View})
		st.Transfers = []session.Transfer{{ID: 2, Name: secret, Size: 1, Items: 1, At: noon()}}
		r.Changed(noon(), ahead, st)
		r.Note(noon(), ahead, 1, "a note", wire.OutcomeFollowUp)
		var whole []wire.Log
		seal := sealer(&whole)
		if row.cantSeal {
			seal = unsealed
		}
		log, err := r.Cut(noon(), row.now, seal)
		if (err != nil) != row.cantSeal || log == nil {
			t.Fatalf("%+v: %v, %v", row, log, err)
		}
		names, notes := 0, 0
		for _, e := range log.Entries {
			switch {
			case strings.Contains(e.Text, secret):
				names++
			case e.Happened == wire.HappenedSaid:
				t.Errorf("%+v: a line of chat", row)
			case e.Text == "a note" && e.Outcome == wire.OutcomeFollowUp:
				notes++
			}
		}
		if (names == 3) != row.open || names != 0 && !row.open || notes != 1 {
			t.Errorf("%+v: %+v", row, log)
		}
		if (log.Sealed != nil) != row.inSealed || row.inSealed && (len(whole) != 1 || len(whole[0].Entries) != 5 || whole[0].Entries[0].Text != secret || whole[0].Part != log.Part) {
			t.Errorf("%+v: sealed %q, %+v", row, log.Sealed, whole)
		}
	}
}

func TestT01NothingIsSaidWhereOnlyChatWouldBe(t *testing.T) {
	r := New(id(), wire.KeepReadable)
	r.Changed(noon(), ahead, chat(said("Hello", true)))
	if log := cut(t, r, noon(), wire.KeepNothing); log != nil || !r.Done() {
		t.Errorf("%+v", log)
	}
	r.Note(noon(), ahead, 1, "x", 0)
	if log := cut(t, r, noon(), wire.KeepNothing); log == nil || log.Part != 1 {
		t.Errorf("the first part: %+v", log)
	}
}

func TestT01PartsComeNowAndThenAndAtOnceAtTheEnd(t *testing.T) {
	r := New(id(), wire.KeepReadable)
	now := noon()
	lines := []session.Line{said("1", true)}
	next := func() { lines = append(lines, said("again", true)); r.Changed(now, ahead, chat(lines...)) }
	next()
	if cut(t, r, now, wire.KeepReadable) == nil {
		t.Fatal("the first part waits")
	}
	next()
	if log := cut(t, r, now.Add(Every-1), wire.KeepReadable); log != nil {
		t.Errorf("too soon: %+v", log)
	}
	next()
	if due, ok := r.Due(); !ok || !due.Equal(now.Add(Every)) {
		t.Errorf("due %v %v", due, ok)
	}
	if log := cut(t, r, now.Add(Every), wire.KeepReadable); log == nil || log.Part != 2 || len(log.Entries) != 2 {
		t.Errorf("%+v", log)
	}
	now = now.Add(Every + 1)
	st := chat(append(lines, said("bye", true))...)
	st.Stage = session.Over
	r.Changed(now, ahead, st)
	if log := cut(t, r, now, wire.KeepReadable); log == nil || log.Part != 3 {
		t.Errorf("the last part waits: %+v", log)
	}
	if _, ok := r.Due(); ok || len(r.Unkept()) != 3 || r.Done() {
		t.Errorf("then due, %d unkept", len(r.Unkept()))
	}
	r.Logged(2)
	if left := r.Unkept(); len(left) != 1 || left[0].Part != 3 {
		t.Errorf("left %+v", left)
	}
	if r.Logged(3); !r.Done() {
		t.Error("not done")
	}
}

// Whatever is written, each part fits into one message, sealed as well.
func TestT01LongTextsFit(t *testing.T) {
	r := New(id(), wire.KeepSealed)
	var lines []session.Line
	for range 300 {
		lines = append(lines, said(strings.Repeat("ä", wire.MaxText/2), true), said("ok", false))
	}
	st := chat(lines...)
	st.Stage = session.Over
	r.Changed(noon(), 0, st)
	r.Note(noon(), 0, 1, strings.Repeat("n", wire.MaxText), wire.OutcomeSolved)
	said, parts := 0, 0
	for !r.Done() {
		var whole []wire.Log
		log, err := r.Cut(noon(), wire.KeepSealed, func(l *wire.Log) ([]byte, error) {
			whole = append(whole, *l)
			return make([]byte, wire.MaxSealed), nil
		})
		if err != nil || log == nil {
			t.Fatal(log, err)
		}
		b, err := wire.Append(nil, wire.Packet{Body: &whole[0]})
		if err != nil || len(b) > wire.MaxSealed-2048 {
			t.Fatalf("%d bytes to be sealed, %v", len(b), err)
		}
		if _, err := wire.Append(nil, wire.Packet{Body: log}); err != nil {
			t.Fatal(err)
		}
		said += len(whole[0].Entries)
		parts++
		if r.Logged(log.Part); int(log.Part) != parts {
			t.Fatalf("part %d is the %dth", log.Part, parts)
		}
	}
	if said+r.Dropped() != 601 || r.Dropped() == 0 {
		t.Errorf("%d said, %d dropped", said, r.Dropped())
	}
}

// A broker that is away, or never keeps anything, costs no more memory than
// the session's own list.
func TestT01ABrokerThatKeepsNothingIsBounded(t *testing.T) {
	r := New(id(), wire.KeepReadable)
	st := session.State{Stage: session.Talking}
	for n := range 3 * maxWaiting {
		now := noon().Add(time.Duration(n) * Every)
		st.Lines, st.Dropped = []session.Line{{At: now, Kind: session.LineChat, Text: "x"}}, n
		r.Changed(now, 0, st)
		r.Note(now, 0, uint64(n+1), "note", 0)
		cut(t, r, now, wire.KeepReadable)
	}
	if len(r.Unkept()) != maxAhead || len(r.waiting) > maxWaiting+1 || r.Dropped() == 0 {
		t.Errorf("%d parts, %d wait, %d dropped", len(r.Unkept()), len(r.waiting), r.Dropped())
	}
	now := noon().Add(1000 * time.Hour)
	note := uint64(0)
	for !r.Done() {
		note = max(note, r.Logged(r.last))
		cut(t, r, now, wire.KeepReadable)
		now = now.Add(time.Hour)
	}
	if note != 3*maxWaiting {
		t.Errorf("the newest note that was kept is %d", note)
	}
}

func TestK07ANoteIsKeptOnceItsPartIs(t *testing.T) {
	r := New(id(), wire.KeepNothing)
	now := noon()
	r.Note(now, ahead, 1, "one", 0)
	r.Note(now, ahead, 2, "two", wire.OutcomeSolved)
	if log := cut(t, r, now, wire.KeepNothing); len(log.Entries) != 1 || log.Entries[0].Text != "two" {
		t.Errorf("%+v", log)
	}
	r.Note(now, ahead, 3, "three", wire.OutcomeSolved)
	if note := r.Logged(1); note != 2 {
		t.Errorf("note %d is kept", note)
	}
	cut(t, r, now.Add(Every), wire.KeepNothing)
	if note := r.Logged(2); note != 3 || !r.Done() {
		t.Errorf("then note %d", note)
	}
}

// Who comes back to a session with a new program counts on from what the
// broker has.
func TestT01PartsOfAnEarlierTimeAreNotOverwritten(t *testing.T) {
	r := New(id(), wire.KeepReadable)
	r.Changed(noon(), 0, chat(said("first", true)))
	r.Note(noon(), 0, 1, "note", 0)
	cut(t, r, noon(), wire.KeepReadable)
	r.Changed(noon(), 0, chat(said("first", true), said("second", true)))
	if note := r.Logged(7); note != 0 || r.Done() {
		t.Fatalf("note %d", note)
	}
	log := cut(t, r, noon(), wire.KeepReadable)
	if log == nil || log.Part != 8 || len(log.Entries) != 3 {
		t.Fatalf("%+v", log)
	}
	if note := r.Logged(8); note != 1 || !r.Done() {
		t.Errorf("note %d", note)
	}
	if r.Logged(wire.MaxParts); !r.Done() {
		t.Error("not done")
	}
	r.Note(noon(), 0, 2, "no room", 0)
	if _, ok := r.Due(); ok {
		t.Error("a part after the last one")
	}
}

func TestT01ABrokerThatMissesAPartSaysWhatItHas(t *testing.T) {
	for _, has := range []uint32{1, 2, 5} {
		r := New(id(), wire.KeepReadable)
		var lines []session.Line
		for n := range 4 {
			lines = append(lines, said(strings.Repeat("x", n+1), true))
			r.Changed(noon(), 0, chat(lines...))
			cut(t, r, noon().Add(time.Duration(n)*Every), wire.KeepReadable)
		}
		r.Logged(1)
		r.Anew()
		now := noon().Add(time.Hour)
		if log := cut(t, r, now, wire.KeepReadable); log == nil || log.Part != 1 || len(log.Entries) != 3 {
			t.Fatalf("%+v", log)
		}
		r.Changed(now, 0, chat(append(lines, said("more", true))...))
		if log := cut(t, r, now.Add(time.Hour), wire.KeepReadable); log != nil {
			t.Errorf("a second part before the broker has said what it has: %+v", log)
		}
		r.Logged(has)
		log := cut(t, r, now.Add(2*time.Hour), wire.KeepReadable)
		want := 1
		if has > 1 {
			want = 4
		}
		if log == nil || log.Part != has+1 || len(log.Entries) != want {
			t.Errorf("the broker has %d: %+v", has, log)
		}
	}
}

func TestT01ASessionThatComesBackCountsOn(t *testing.T) {
	first := New(id(), wire.KeepSealed)
	first.Changed(noon(), 0, chat(said("first", true)))
	first.Note(noon(), 0, 4, "note", 0)
	if _, err := first.Cut(noon(), wire.KeepSealed, sealer(new([]wire.Log))); err != nil {
		t.Fatal(err)
	}
	r := New(id(), wire.KeepReadable)
	r.After(first)
	r.Behind(1)
	log, err := r.Cut(noon(), wire.KeepReadable, sealer(new([]wire.Log)))
	if err != nil || log.Part != 2 || log.Sealed == nil || len(log.Entries) != 1 {
		t.Fatalf("what was said under seal goes out as %+v, %v", log, err)
	}
	if note := r.Logged(2); note != 4 || !r.Done() {
		t.Errorf("note %d", note)
	}
}
