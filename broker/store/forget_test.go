package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// recorded keeps everything that there can be of a session.
func recorded(t *testing.T, s *Store, node lobby.NodeID, rep uint64, id byte, came time.Time, company string) {
	t.Helper()
	facts := logged(id, came, 7)
	facts[0].Detail["company"] = company
	facts[0].Detail["name"] = fmt.Sprintf("Maria %d", id)
	session := wire.SessionID{id}
	err := s.Keep(t.Context(), node, lobby.Batch{
		Sessions: []lobby.Session{{ID: session, Rep: rep, Started: came, Ended: came.Add(time.Hour)}},
		Visits:   []lobby.Visit{{ID: session, Arrival: lobby.Arrival{Name: fmt.Sprintf("Maria %d", id)}, State: lobby.Over, Came: came, Over: came.Add(time.Hour)}},
		Facts:    facts,
		Logs:     []lobby.LogPart{{Session: session, Rep: 7, Part: 1, At: came, Sealed: []byte("sealed")}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func anna(t *testing.T, s *Store) uint64 {
	t.Helper()
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func dump(t *testing.T, s *Store) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Dump(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// summed is what the daily sums say.
func summed(t *testing.T, s *Store) []string {
	t.Helper()
	all, err := list(t.Context(), s.engine.reader(), func(rows *sql.Rows) (line string, err error) {
		var day, came, solved int64
		err = rows.Scan(&day, &came, &solved)
		return fmt.Sprint(day, came, solved), err
	}, `select day, came, solved from days order by day, came`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestT01OldRecordsGoWithAllThatBelongsToThem(t *testing.T) { each(t, testOldRecordsGo) }

func testOldRecordsGo(t *testing.T, place Place) {
	s := opened(t, place)
	settle(t, s, settings.Settings{Syslog: &settings.Syslog{}})
	node, _, _ := joins(t, s, 1)
	rep := anna(t, s)
	for n := range byte(5) {
		recorded(t, s, node, rep, n+1, start.AddDate(0, 0, int(n)), []string{"Old Ltd", "Both Ltd"}[n%2])
	}
	counted := summed(t, s)
	until := start.AddDate(0, 0, 3)
	if n, err := s.Expire(t.Context(), until, 10); n != 0 || err != nil {
		t.Errorf("%d records of visits that a broker has are deleted, %v", n, err)
	}
	if err := s.Prune(t.Context(), start.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 3 {
		n, err := s.Expire(t.Context(), until, 2)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if !slices.Equal(got, []int{2, 1, 0}) {
		t.Errorf("deleted %v", got)
	}
	left, err := s.Records(t.Context(), record.Filter{Scope: record.Scope{All: true}}, record.Page{Limit: 10})
	if err != nil || len(left) != 2 || !left[1].Came.Equal(until) {
		t.Errorf("left are %+v, %v", left, err)
	}
	if after := summed(t, s); !slices.Equal(after, counted) {
		t.Errorf("the sums were %v and are %v", counted, after)
	}
	all := dump(t, s)
	for n := range 5 {
		if gone := !strings.Contains(all, fmt.Sprintf("Maria %d", n+1)); gone != (n < 3) {
			t.Errorf("Maria %d is gone: %v", n+1, gone)
		}
	}
	for _, table := range []string{"facts", "participants", "answers", "transcripts", "named"} {
		if n := rowsOf(t, s, `select count(distinct session) from `+table); n != 2 {
			t.Errorf("%s has %d sessions", table, n)
		}
	}
	if n := rowsOf(t, s, `select count(*) from outbox where fact not in (select number from facts)`); n != 0 {
		t.Errorf("%d lines about facts that are no more", n)
	}
	if n := rowsOf(t, s, `select count(*) from companies`); n != 2 {
		t.Errorf("%d companies", n)
	}
	if _, words := spelled(t, s); len(words) != 3 {
		t.Errorf("left of names are %v", words)
	}
	if n, err := s.Expire(t.Context(), start.AddDate(0, 0, 4), 10); n != 1 || err != nil || rowsOf(t, s, `select count(*) from companies`) != 1 {
		t.Errorf("deleted %d, and a company that nobody uses stays, %v", n, err)
	}
}

func rowsOf(t *testing.T, s *Store, text string) (n int) {
	t.Helper()
	if err := s.engine.reader().QueryRowContext(t.Context(), text).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestT01SeveralBrokersDeleteEachOldRecordOnce(t *testing.T) {
	each(t, func(t *testing.T, place Place) {
		s := opened(t, place)
		node, _, _ := joins(t, s, 1)
		rep := anna(t, s)
		for n := range byte(40) {
			recorded(t, s, node, rep, n+1, start.Add(time.Duration(n)*time.Minute), "Old Ltd")
		}
		if err := s.Prune(t.Context(), start.AddDate(0, 1, 0)); err != nil {
			t.Fatal(err)
		}
		counts := make([]int, 3)
		var all sync.WaitGroup
		for i := range counts {
			all.Go(func() {
				for {
					n, err := s.Expire(t.Context(), start.AddDate(0, 0, 1), 5)
					if err != nil {
						t.Error(err)
					}
					if counts[i] += n; n == 0 {
						return
					}
				}
			})
		}
		all.Wait()
		if total := counts[0] + counts[1] + counts[2]; total != 40 {
			t.Errorf("three brokers deleted %v", counts)
		}
	})
}

func TestT01ARecordIsErasedByWish(t *testing.T) { each(t, testARecordIsErased) }

func testARecordIsErased(t *testing.T, place Place) {
	s := opened(t, place)
	node, _, _ := joins(t, s, 1)
	rep := anna(t, s)
	recorded(t, s, node, rep, 1, start, "Old Ltd")
	recorded(t, s, node, rep, 2, start, "Other Ltd")
	counted := summed(t, s)
	ended := start.Add(time.Hour)
	everyone := record.Scope{All: true}
	for name, c := range map[string]struct {
		id    byte
		scope record.Scope
		now   time.Time
		want  error
	}{
		"no such":         {9, everyone, ended.AddDate(0, 0, 1), record.ErrNone},
		"not seen":        {1, record.Scope{Reps: []uint64{8}}, ended.AddDate(0, 0, 1), record.ErrNone},
		"a broker has it": {1, everyone, ended.Add(lobby.Afterlife - time.Second), record.ErrGoing},
	} {
		if err := s.Erase(t.Context(), 3, wire.SessionID{c.id}, c.scope, c.now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Erase(t.Context(), 3, wire.SessionID{1}, everyone, ended.Add(lobby.Afterlife+time.Second)); err != nil {
		t.Fatal(err)
	}
	all := dump(t, s)
	if strings.Contains(all, "Maria 1") || strings.Contains(all, "old ltd") || !strings.Contains(all, "Maria 2") {
		t.Error("something is left, or too much is gone")
	}
	if named, words := spelled(t, s); len(named) != 2 || len(words) != 2 {
		t.Errorf("left of names are %v, %v", named, words)
	}
	if after := summed(t, s); !slices.Equal(after, counted) {
		t.Errorf("the sums were %v and are %v", counted, after)
	}
	entries, err := s.Audit(t.Context(), people.AuditFilter{Act: "record", Limit: 10})
	if err != nil || len(entries) != 1 || entries[0].Subject != "session:"+(wire.SessionID{1}).String() || string(entries[0].Detail) != "{}" {
		t.Errorf("audited %+v, %v", entries, err)
	}
}

// TestT01DeletingLooksThroughNoWholeTable: a million records are nothing to wait
// for.
func TestT01DeletingLooksThroughNoWholeTable(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	looks := func(text string, args ...any) {
		for _, line := range plan(t, s, text, args...) {
			if strings.HasPrefix(line, "SCAN") || strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s: %s", text, line)
			}
		}
	}
	looks(expired, 1, 1)
	for _, text := range ofSession {
		looks(text, []byte{1})
	}
	looks(unusedCompany, "some ltd")
	looks(dropNamed, "maria", 1, []byte{1})
	looks(unusedWord, "maria")
}
