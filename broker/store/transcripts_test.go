package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

func TestT01APartIsKeptOnceAndReadInOrder(t *testing.T) { each(t, testAPartIsKeptOnceAndReadInOrder) }

func testAPartIsKeptOnceAndReadInOrder(t *testing.T, place Place) {
	s := opened(t, place)
	said := []wire.Entry{{At: start.UnixMilli(), Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: "Grüß\x01 Gott\nMaria"}}
	parts := []lobby.LogPart{
		{Session: wire.SessionID{1}, Rep: 7, Part: 2, At: start.Add(time.Minute), Sealed: []byte{0, 1, 2}},
		{Session: wire.SessionID{1}, Rep: 8, Part: 1, At: start, Sealed: []byte("other")},
		{Session: wire.SessionID{1}, Rep: 7, Part: 1, At: start, Entries: said},
		{Session: wire.SessionID{2}, Rep: 7, Part: 1, At: start, Sealed: []byte("another session's")},
	}
	node, _, _ := joins(t, s, 1)
	for range 2 { // a write in doubt is said again
		if err := s.Keep(t.Context(), node, lobby.Batch{Facts: logged(1, start, 7), Logs: parts}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Transcript(t.Context(), wire.SessionID{1}, record.Scope{Reps: []uint64{7}})
	want := []record.Part{
		{Rep: 7, Part: 1, Kept: start, Entries: said},
		{Rep: 7, Part: 2, Kept: start.Add(time.Minute), Sealed: []byte{0, 1, 2}},
		{Rep: 8, Part: 1, Kept: start, Sealed: []byte("other")},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("kept\n%+v, want\n%+v, %v", got, want, err)
	}
	for name, scope := range map[string]record.Scope{"nobody": {}, "others": {Reps: []uint64{8}, Teams: []uint64{9}}} {
		if _, err := s.Transcript(t.Context(), wire.SessionID{1}, scope); !errors.Is(err, record.ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, err := s.Record(t.Context(), wire.SessionID{1}, record.Scope{All: true})
	if notes := w.Notes(); err != nil || len(notes) != 1 || notes[0].Text != "New\npaper" || notes[0].Result != wire.OutcomeSolved || w.Result != wire.OutcomeSolved || w.Note != "New\npaper" {
		t.Errorf("noted %+v, and %q %d, %v", notes, w.Note, w.Result, err)
	}
}
