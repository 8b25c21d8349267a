package store

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail/broker/ledger"
	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

func TestT03ALineIsToldInOrderAndCounted(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		settle(t, s, settings.Settings{Hooks: []settings.Hook{{ID: "a"}, {ID: "b", Events: []string{"survey.answers"}}}})
		facts := visit(1, start, 7)
		keepAll(t, s, facts...)
		ctx, now := t.Context(), start.Add(time.Hour)
		about := func(id string) record.Recipient {
			all, err := s.Recipients(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return all[slices.IndexFunc(all, func(r record.Recipient) bool { return r.ID == id })]
		}
		line, err := s.Line(ctx, "hook:a", 3)
		if err != nil || len(line) != 3 || line[0].Fact.What != lobby.FactCame || line[2].Fact.What != lobby.FactAgreed || line[0].Portal != "main" ||
			line[0].Mark != record.Mark(facts[0]) || line[0].Fact.Detail["name"] != "Maria  Huber" || line[0].Fact.Session != (wire.SessionID{1}) {
			t.Fatalf("the line begins with %+v, %v", line, err)
		}
		if err := s.NotTold(ctx, "hook:a", "slow", now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		due, err := s.Due(ctx, now)
		if err != nil || len(due) != 1 || due[0].ID != "hook:b" {
			t.Errorf("due are %+v, %v", due, err)
		}
		if due, err = s.Due(ctx, now.Add(time.Minute)); err != nil || len(due) != 2 || due[0].Tries != 1 {
			t.Errorf("a minute later %+v, %v", due, err)
		}
		for range 2 { // said again it changes nothing
			if err := s.Told(ctx, "hook:a", []int64{line[0].Number, line[1].Number}, now); err != nil {
				t.Fatal(err)
			}
		}
		if r := about("hook:a"); r.Told != 2 || r.Waiting != 9 || r.Tries != 0 || r.Problem != "" || !r.Last.Equal(now) || !r.Due.IsZero() {
			t.Errorf("then %+v", r)
		}
		if err := s.GiveUp(ctx, "hook:a", start.Add(10*time.Second)); err != nil {
			t.Fatal(err)
		}
		if r := about("hook:a"); r.GivenUp != 3 || r.Waiting != 6 {
			t.Errorf("given up %+v", r)
		}
		if r := about("hook:b"); r.Waiting != 2 || r.GivenUp != 0 {
			t.Errorf("the other one %+v", r)
		}
	})
}

// Of two brokers the one that took its number first may be done last.
func TestT03WhatCameIntoALineLateIsToldToo(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	settle(t, s, settings.Settings{Hooks: []settings.Hook{{ID: "a"}}})
	keepAll(t, s, visit(1, start, 7)...)
	ctx := t.Context()
	slow, err := s.engine.reader().BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Rollback() }() // if the test ends early
	var late int64
	if err := slow.QueryRowContext(ctx, `insert into outbox (recipient, fact, made) select 'hook:a', max(number), $1 from facts returning number`,
		micros(start)).Scan(&late); err != nil {
		t.Fatal(err)
	}
	keepAll(t, s, visit(2, start, 7)...)
	line, err := s.Line(ctx, "hook:a", 50)
	if err != nil || len(line) != 22 || line[0].Number > late || line[21].Number < late {
		t.Fatalf("the line is %+v, %v", line, err)
	}
	var told []int64
	for _, l := range line {
		told = append(told, l.Number)
	}
	if err := errors.Join(slow.Commit(), s.Told(ctx, "hook:a", told, start)); err != nil {
		t.Fatal(err)
	}
	if line, err = s.Line(ctx, "hook:a", 50); err != nil || len(line) != 1 || line[0].Number != late {
		t.Errorf("left is %+v, %v", line, err)
	}
}

// Whoever has set an address right sees at once whether it is.
func TestT03WhoHasFailedIsTriedAgainWhenSettingsAreSaved(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		set := settings.Settings{Hooks: []settings.Hook{{ID: "a", URL: "https://wrong.example"}}}
		settle(t, s, set)
		keepAll(t, s, visit(1, start, 7)...)
		if err := s.NotTold(t.Context(), "hook:a", "unreachable", start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if due, err := s.Due(t.Context(), start); err != nil || len(due) != 0 {
			t.Errorf("due are %+v, %v", due, err)
		}
		set.Hooks[0].URL = "https://right.example"
		settle(t, s, set)
		if due, err := s.Due(t.Context(), start); err != nil || len(due) != 1 || due[0].Tries != 1 {
			t.Errorf("after the change due are %+v, %v", due, err)
		}
	})
}

func TestT03TwoBrokersOnOneDatabaseTellEverythingOnce(t *testing.T) {
	const sessions = 15
	place := Place{Database: server.Database(t)}
	var mu sync.Mutex // guards the following
	heard := map[string][]string{}
	all, total := make(chan struct{}), 0
	hook := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var e struct{ ID string }
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		heard[r.URL.Path] = append(heard[r.URL.Path], e.ID)
		if total++; total == 3*11*sessions {
			close(all)
		}
	}))
	defer hook.Close()
	set := settings.Settings{}
	for _, id := range []string{"a", "b", "c"} {
		set.Hooks = append(set.Hooks, settings.Hook{ID: id, URL: hook.URL + "/" + id, Private: true, Secret: []byte("s")})
	}
	roots := x509.NewCertPool()
	roots.AddCert(hook.Certificate())
	ctx, stop := context.WithCancel(t.Context())
	var brokers sync.WaitGroup
	var ledgers []*ledger.Ledger
	stores := []*Store{opened(t, place), opened(t, place)}
	settle(t, stores[0], set)
	for _, s := range stores {
		l := ledger.New(ledger.Config{
			Store: s, Settings: func(context.Context) (settings.Settings, error) { return set, nil },
			Open: func(b []byte) ([]byte, error) { return b, nil }, Roots: roots,
		})
		ledgers = append(ledgers, l)
		brokers.Go(func() {
			if err := l.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	var want []string
	now := time.Now() // what is older than three days is given up
	for i := range sessions {
		facts := visit(byte(i+1), now, 7)
		for _, f := range facts {
			mark := record.Mark(clean(f))
			want = append(want, fmt.Sprintf("%x", mark))
		}
		keepAll(t, stores[i%2], facts...)
		for _, l := range ledgers {
			l.Wake()
		}
	}
	select {
	case <-all:
	case <-time.After(time.Minute):
		t.Error("not everything was told")
	}
	stop()
	brokers.Wait()
	for path, ids := range heard {
		if !slices.Equal(ids, want) {
			t.Errorf("%s heard %d, want %d in order", path, len(ids), len(want))
		}
	}
}
