package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

// calls keeps that a customer came, or says another name.
func calls(id byte, name string) lobby.Fact {
	return lobby.Fact{Session: wire.SessionID{id}, At: start.Add(time.Duration(id) * time.Hour), What: lobby.FactCame, Detail: map[string]string{"name": name}}
}

// spelled are the words that customers are found by, with their sessions, and
// those that there are.
func spelled(t *testing.T, s *Store) (named, words []string) {
	t.Helper()
	for text, to := range map[string]*[]string{`select word, came, session from named`: &named, `select word, 0, word from words`: &words} {
		found, err := list(t.Context(), s.engine.reader(), func(rows *sql.Rows) (line string, err error) {
			var word string
			var came int64
			var id []byte
			err = rows.Scan(&word, &came, &id)
			return fmt.Sprintf("%s %d %x", word, came, id), err
		}, text)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(found)
		*to = found
	}
	return named, words
}

var spellings = []string{
	"Maria  Huber", "Ünal Müller-Lüdenscheidt", "\u00a0\tMARIA maria\n", "", "İrem I.", "50% \\_ 'x'", "山田 太郎", "😀", strings.Repeat("lang ", 60), strings.Repeat("é", 120),
}

func TestT01NamesOfAnOlderStoreAreFoundToo(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		for i, name := range spellings {
			keepAll(t, s, calls(byte(i+1), name))
		}
		named, words := spelled(t, s)
		if len(named) < len(spellings) || len(words) < len(spellings) {
			t.Fatalf("%d words of %d", len(words), len(named))
		}
		err := s.engine.write(t.Context(), func(tx *Tx) error {
			for _, text := range []string{`drop table named`, `drop table words`, `delete from migrations where number >= 15`} {
				if _, err := tx.exec(text); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if again, all := spelled(t, opened(t, p)); !slices.Equal(again, named) || !slices.Equal(all, words) {
			t.Errorf("brought up to date there are\n%v\n%v, and kept were\n%v\n%v", again, all, named, words)
		}
	})
}

func TestT01WhoSaysAnotherNameIsFoundByThatAlone(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		keepAll(t, s, calls(1, "Maria Huber"), calls(2, "Anna Huber"))
		keepAll(t, s, calls(1, "Maria Weber"))
		named, words := spelled(t, s)
		if len(named) != 4 || len(words) != 4 || slices.ContainsFunc(named, func(n string) bool {
			return strings.HasPrefix(n, "huber") && strings.HasSuffix(n, fmt.Sprintf("%x", wire.SessionID{1}))
		}) {
			t.Errorf("found by %v, of %v", named, words)
		}
		for name, want := range map[string]int{"maria hub": 0, "hub": 1, "eber": 1, "maria web": 1, "ub an": 0, "a": 2} {
			got, err := s.Records(t.Context(), record.Filter{Scope: record.Scope{All: true}, Name: name}, record.Page{Limit: 10})
			if err != nil || len(got) != want {
				t.Errorf("%s: %d, want %d, %v", name, len(got), want, err)
			}
		}
	})
}

// TestT01FewAreLookedUpAndManyAreNot: what is found does not depend on how many
// are a few.
func TestT01FewAreLookedUpAndManyAreNot(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		several(t, s, 60)
		all := record.Scope{All: true}
		lead := record.Scope{Teams: []uint64{2}, Reps: []uint64{1, 4}}
		for name, c := range map[string]struct {
			filter record.Filter
			most   int // the least number that its sessions are no more than
		}{
			"a name":                {record.Filter{Scope: all, Name: "59%"}, 1},
			"nobody's name":         {record.Filter{Scope: all, Name: "nobody"}, 0},
			"a word that all have":  {record.Filter{Scope: all, Name: "ünal"}, 60},
			"two words":             {record.Filter{Scope: all, Name: "ünal 3"}, 15},
			"words apart":           {record.Filter{Scope: all, Name: "3 5"}, 2},
			"a name, some days":     {record.Filter{Scope: all, Name: "ünal", From: start.Add(2 * time.Hour), Until: start.Add(4 * time.Hour)}, 6},
			"a name of a company's": {record.Filter{Scope: all, Name: "8%", Company: "Company_3"}, 6},
			"a lead's name":         {record.Filter{Scope: lead, Name: "7%"}, 6},
			"a rep's name":          {record.Filter{Scope: all, Rep: 2, Name: "7%"}, 6},
		} {
			many, err := s.few(t.Context(), c.filter, c.most-1)
			if err != nil || many != nil && c.most > 0 {
				t.Errorf("%s: %+v are %d, %v", name, many, c.most-1, err)
			}
			few, err := s.few(t.Context(), c.filter, c.most)
			if err != nil || few == nil {
				t.Errorf("%s: they are no %d, %v", name, c.most, err)
				continue
			}
			var found [2][]string
			for i, few := range []*set{nil, few} {
				text, args := listing(s.engine, c.filter, few, record.Page{Limit: 100})
				rows, err := list(t.Context(), s.engine.reader(), func(rows *sql.Rows) (record.Record, error) { return scanRecord(rows) }, text, args...)
				if err != nil {
					t.Fatal(err)
				}
				found[i] = names(rows)
			}
			if !slices.Equal(found[0], found[1]) {
				t.Errorf("%s: among all %v, among the few %v", name, found[0], found[1])
			}
		}
	})
}

// TestT01WhatAnOlderBrokerKeepsDuringAnUpgradeIsFound: it knows of no words.
func TestT01WhatAnOlderBrokerKeepsDuringAnUpgradeIsFound(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		keepAll(t, s, calls(1, "Maria Huber"))
		older := record.Record{Session: wire.SessionID{2}, Came: time.Now(), Name: "Maria Weber"}
		err := s.engine.write(t.Context(), func(tx *Tx) error {
			return keeping(tx, func(k *keeper) error { return k.write(&kept{Record: older}) })
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int{"ria": 2, "web": 1, "maria web": 1, "hub": 1, "nobody": 0} {
			f := record.Filter{Scope: record.Scope{All: true}, Name: name}
			if few, err := s.few(t.Context(), f, fewListed); few == nil || err != nil {
				t.Errorf("%s: not few, %v", name, err)
			}
			if found, err := s.Records(t.Context(), f, record.Page{Limit: 10}); err != nil || len(found) != want {
				t.Errorf("%s: found %d, want %d, %v", name, len(found), want, err)
			}
		}
	})
}

// TestT01WhatAnOlderBrokerDeletesDuringAnUpgradeLeavesNoName: when its time has
// come, at the latest.
func TestT01WhatAnOlderBrokerDeletesDuringAnUpgradeLeavesNoName(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		keepAll(t, s, calls(1, "Maria Huber"), calls(2, "Maria Weber"), calls(3, "Anna"))
		err := s.engine.write(t.Context(), func(tx *Tx) error {
			for _, id := range []wire.SessionID{{1}, {3}} {
				for _, text := range ofSession {
					if _, err := tx.exec(text, id[:]); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Expire(t.Context(), start.Add(2*time.Hour), 10); n != 0 || err != nil {
			t.Errorf("deleted %d, %v", n, err)
		}
		named, words := spelled(t, s)
		if len(named) != 3 || len(words) != 3 || strings.HasPrefix(words[1], "huber") {
			t.Errorf("left are %v, %v", named, words)
		}
	})
}

// TestT01NotAllOfManyWordsAreLookedFor: a query has no more parameters than an
// engine takes, whatever name is looked for.
func TestT01NotAllOfManyWordsAreLookedFor(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		words := strings.Fields("a1 b2 c3 d4 e5 f6 g7 h8 i9 j0 k11 l12")
		all := strings.Join(words, " ")
		keepAll(t, s, calls(100, all), calls(101, all))
		for i, word := range words {
			keepAll(t, s, calls(byte(i+1), word))
		}
		f := record.Filter{Scope: record.Scope{All: true}, Name: all}
		few, err := s.few(t.Context(), f, 2)
		if err != nil || few == nil || len(few.args) != fewWords || !slices.Contains(few.args, "l12") {
			t.Errorf("looked for %+v, %v", few, err)
		}
		if found, err := s.Records(t.Context(), f, record.Page{Limit: 10}); err != nil || len(found) != 2 {
			t.Errorf("found %d, %v", len(found), err)
		}
	})
}

// Of two brokers one deletes the last session of a name, or of a company, while
// the other keeps the next: that one is found. There are so many others that
// the two meet in nothing else.
func TestT01ANameThatComesBackWhileItIsDeletedIsFound(t *testing.T) {
	for what, by := range map[string]record.Filter{"name": {Name: "aver"}, "company": {Company: "xav"}} {
		t.Run(what, func(t *testing.T) { testComesBackWhileItIsDeleted(t, what, by) })
	}
}

func testComesBackWhileItIsDeleted(t *testing.T, what string, by record.Filter) {
	place := Place{Database: server.Database(t)}
	keeps, deletes := opened(t, place), opened(t, place)
	came := func(id byte) lobby.Fact {
		return lobby.Fact{Session: wire.SessionID{id}, At: start, What: lobby.FactCame, Detail: map[string]string{what: "Xaver"}}
	}
	fill(t, keeps, 2_000)
	keepAll(t, keeps, came(1))
	err := keeps.engine.write(t.Context(), func(tx *Tx) error {
		_, err := tx.exec(`analyze`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	holds, goes, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		tries := 0
		done <- keeps.engine.write(t.Context(), func(tx *Tx) error {
			if err := keepFacts(tx, []lobby.Fact{came(200)}); err != nil {
				return err
			}
			if tries++; tries == 1 {
				close(holds)
				<-goes
			}
			return nil
		})
	}()
	<-holds
	if err := deletes.Erase(t.Context(), 3, wire.SessionID{1}, record.Scope{All: true}, start.AddDate(0, 1, 0)); err != nil {
		t.Error(err)
	}
	close(goes)
	if err := <-done; err != nil {
		t.Error(err)
	}
	by.Scope.All = true
	if found, err := keeps.Records(t.Context(), by, record.Page{Limit: 10}); err != nil || len(found) != 1 {
		t.Errorf("found %d, %v", len(found), err)
	}
}
