package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/store"
)

func TestA02TheFirstAdministratorComesInByALocalCommandAlone(t *testing.T) {
	dir := t.TempDir()
	if _, notice, code := broker(t, "first-admin", "--data", dir); code != 1 || !strings.Contains(notice, "No broker keeps data") {
		t.Errorf("before the broker ran: code %d, says %s", code, notice)
	}
	empty := t.TempDir()
	if s, err := store.Open(t.Context(), store.Place{Dir: empty}); err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	if out, notice, code := broker(t, "first-admin", "--data", empty); code != 1 || out != "" || !strings.Contains(notice, "its address is not known") {
		t.Errorf("where no broker ran: code %d, prints %q, says %s", code, out, notice)
	}
	b := start(t, dir, "127.0.0.1:0")
	make := func(more ...string) string {
		t.Helper()
		out, notice, code := broker(t, append([]string{"first-admin", "--data", dir}, more...)...)
		if code != 0 || !strings.Contains(notice, "works once") || !strings.Contains(notice, b.site+"/login/first") || strings.Contains(notice, strings.TrimSpace(out)) {
			t.Fatalf("code %d, says %s", code, notice)
		}
		return strings.TrimSpace(out)
	}
	earlier, secret := make(), make()
	if log := b.log.String(); strings.Contains(log, secret) {
		t.Error("the code is in the log")
	}

	s, err := store.OpenKept(t.Context(), store.Place{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	owner := people.Rep{PublicName: "Olga", Mail: "olga@example.org"}
	now := time.Now()
	for name, row := range map[string]struct {
		code string
		at   time.Time
	}{
		"an earlier code": {earlier, now}, "a guess": {"00000-00000-00000-00000", now}, "too late": {secret, now.Add(2 * firstLife)},
	} {
		if _, err := s.TakeFirst(t.Context(), people.CodeHash(row.code), owner, "x", row.at); !errors.Is(err, people.ErrUsed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	id, err := s.TakeFirst(t.Context(), people.CodeHash(secret), owner, "x", now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeFirst(t.Context(), people.CodeHash(secret), people.Rep{PublicName: "Eve"}, "x", now); !errors.Is(err, people.ErrUsed) {
		t.Errorf("used twice: %v", err)
	}
	if o, err := s.Organisation(t.Context()); err != nil || len(o.Owners()) != 1 || o.Owners()[0] != id {
		t.Errorf("owners %v, %v", o.Owners(), err)
	}
	if out, notice, code := broker(t, "first-admin", "--data", dir); code != 1 || out != "" || !strings.Contains(notice, "--another") {
		t.Errorf("with an owner: code %d, %s says %s", code, out, notice)
	}
	make("--another")
}
