package store

import (
	"bytes"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// furnished is a store with something in every table.
func furnished(t *testing.T, p Place) *Store {
	t.Helper()
	s := opened(t, p)
	r, err := addRep(t.Context(), s, "Anna \"Ä\" <Weber>\u2028")
	if err != nil {
		t.Fatal(err)
	}
	settle(t, s, settings.Settings{Hooks: []settings.Hook{{ID: "a", Events: []string{string(lobby.FactSurvey)}}}})
	facts := visit(1, start, r.ID)
	joins(t, s, 1)
	err = s.Keep(t.Context(), lobby.NodeID{1}, lobby.Batch{
		Facts:    []lobby.Fact{facts[0], facts[5], facts[9]}, // came, was taken, answered the survey
		Keys:     []lobby.Key{key(r.ID, 1), key(r.ID, 2)},
		Sessions: []lobby.Session{{ID: wire.SessionID{1, 2}, Rep: r.ID, Started: start, Tickets: [2][32]byte{{3}, {4}}}},
		Visits:   []lobby.Visit{{ID: wire.SessionID{1, 2}, State: lobby.InSession, Came: start}},
		Waits:    []lobby.Wait{{Queue: "general", At: start, Each: time.Minute}},
	})
	if err := errors.Join(err, s.SetSetting(t.Context(), "empty", []byte{}),
		s.JoinProvider(t.Context(), r.ID, people.Word{Issuer: issuer, Subject: "248289761001"}, start)); err != nil {
		t.Fatal(err)
	}
	return s
}

func dumped(t *testing.T, s *Store) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Dump(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestADumpMovesAStoreToEitherEngine(t *testing.T) {
	each(t, func(t *testing.T, from Place) {
		text := dumped(t, furnished(t, from))
		each(t, func(t *testing.T, to Place) {
			if err := Load(t.Context(), to, strings.NewReader(text), "", nil); err != nil {
				t.Fatal(err)
			}
			s := opened(t, to)
			if again := dumped(t, s); again != text {
				t.Errorf("loaded and dumped again:\n%s\nwas:\n%s", again, text)
			}
			if r, err := addRep(t.Context(), s, "Berta"); err != nil || r.ID != 2 {
				t.Errorf("the next rep is %+v, %v", r, err)
			}
			if err := Load(t.Context(), to, strings.NewReader(text), "", nil); !errors.Is(err, ErrNotEmpty) {
				t.Errorf("loaded twice: %v", err)
			}
		})
	})
}

func TestASettingComesWithTheDumpOrNotAtAll(t *testing.T) {
	text := dumped(t, furnished(t, Place{Dir: t.TempDir()}))
	each(t, func(t *testing.T, p Place) {
		if err := Load(t.Context(), p, strings.NewReader(text[:len(text)-3]), "from", []byte("half")); !errors.Is(err, ErrNoDump) {
			t.Error(err)
		}
		if _, err := Peek(t.Context(), p, "from"); !errors.Is(err, ErrNothingKept) {
			t.Errorf("something is kept: %v", err)
		}
		if err := Load(t.Context(), p, strings.NewReader(text), "from", []byte("whole")); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"from": "whole", "to": ""} {
			if got, err := Peek(t.Context(), p, name); err != nil || string(got) != want {
				t.Errorf("%s is %q, %v", name, got, err)
			}
		}
	})
}

func TestADumpThatIsNotWholeLeavesNothing(t *testing.T) {
	whole := dumped(t, furnished(t, Place{Dir: t.TempDir()}))
	lines := strings.SplitAfter(strings.TrimSuffix(whole, "\n"), "\n")
	bad := map[string]string{
		"nothing":        "",
		"another file":   "PK\x03\x04 and so on",
		"a newer one":    strings.Replace(whole, `"schema":`, `"schema":1000`, 1),
		"a row missing":  strings.Join(slices.Delete(slices.Clone(lines), 2, 3), ""),
		"more after end": whole + whole,
		"a forged name":  strings.Replace(whole, `"table":"reps"`, `"table":"reps; drop table keys"`, 1),
		"an empty line":  strings.Replace(whole, "\n", "\n\n", 1),
		"a short row":    strings.Replace(whole, `"empty",`, ``, 1),
	}
	for n := 1; n < len(lines); n += 3 {
		bad["cut after "+lines[n-1]] = strings.Join(lines[:n], "")
	}
	each(t, func(t *testing.T, p Place) {
		for name, text := range bad {
			err := Load(t.Context(), p, strings.NewReader(text), "", nil)
			if !errors.Is(err, ErrNoDump) && !errors.Is(err, ErrNewer) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := Load(t.Context(), p, strings.NewReader(whole), "", nil); err != nil {
			t.Errorf("the whole one afterwards: %v", err)
		}
	})
}

func TestEveryTableIsDumped(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	got, err := list(t.Context(), s.engine.reader(), func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) },
		`select name from sqlite_master where type = 'table' and name <> 'migrations' order by name`)
	want := slices.Sorted(slices.Values(tables))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("tables are %v, dumped are %v, %v", got, want, err)
	}
}
