package store

import (
	"bytes"
	"context"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
)

// settledDown waits until hints of what came before have been heard.
func settledDown(heard <-chan struct{}) {
	for {
		select {
		case <-heard:
		case <-time.After(4 * hintPause):
			return
		}
	}
}

func TestZ05WhoSharesTheStoreHearsOfWhatWasDecided(t *testing.T) {
	each(t, func(t *testing.T, place Place) {
		here := opened(t, place)
		there := here
		if place.Database != "" {
			there = opened(t, place)
		}
		heard := there.Hints(t.Context())
		settledDown(heard)
		r, err := addRep(t.Context(), here, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		<-heard
		for what, do := range map[string]func() error{
			"settings": func() error {
				_, version, err := here.Settings(t.Context())
				if err != nil {
					return err
				}
				return here.SetSettings(t.Context(), 0, version, settings.Default("Others"), start)
			},
			"revoking": func() error { return here.RevokeRep(t.Context(), r.ID, start) },
		} {
			settledDown(heard)
			if err := do(); err != nil {
				t.Fatal(what, err)
			}
			<-heard
		}
	})
}

func TestZ05ACommandThatEndsAtOnceIsHeard(t *testing.T) {
	place := Place{Database: server.Database(t)}
	there := opened(t, place)
	r, err := addRep(t.Context(), there, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	heard := there.Hints(t.Context())
	settledDown(heard)
	here, err := OpenKept(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	if err := here.RevokeRep(t.Context(), r.ID, start); err != nil {
		t.Fatal(err)
	}
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	<-heard
}

func TestZ05HintsComeAgainAfterTheDatabaseFell(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	heard := s.Hints(ctx)
	<-heard // listening
	server.Kill(t)
	<-heard // again
	settledDown(heard)
	if err := s.RevokeRep(t.Context(), r.ID, start); err != nil {
		t.Fatal(err)
	}
	select {
	case <-heard:
	case <-time.After(time.Minute):
		t.Error("not heard")
	}
}

func TestZ05WhateverConsolesAreToldOfIsCounted(t *testing.T) {
	each(t, func(t *testing.T, place Place) {
		s := opened(t, place)
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		counted := func(what string, want bool, do func() error) {
			t.Helper()
			before, err := s.Hinted(ctx)
			must(err)
			must(do())
			after, err := s.Hinted(ctx)
			must(err)
			if after < before || (after != before) != want {
				t.Errorf("%s: %d hints, then %d", what, before, after)
			}
		}
		anna, err := addRep(ctx, s, "Anna")
		must(err)
		laptop := bytes.Repeat([]byte{7}, 32)
		must(addConsole(ctx, s, anna.ID, laptop, "laptop"))
		all, err := s.Consoles(ctx, anna.ID)
		must(err)
		signed := Signed{
			Certificates: []Certificate{{PublicKey: anna.PublicKey, Bytes: []byte("signed"), Expires: start.Add(time.Hour)}},
			RecordKey:    []byte("key"), Grants: []Grant{{PublicKey: anna.PublicKey, Bytes: []byte("grant")}},
		}
		key := bytes.Repeat([]byte{1}, 32)
		for _, c := range []struct {
			what string
			want bool
			do   func() error
		}{
			{"the organisation's key", true, func() error { return s.SetOrganisationKey(ctx, key, start) }},
			{"the same once more", false, func() error { return s.SetOrganisationKey(ctx, key, start) }},
			{"what is signed", true, func() error { return s.KeepSigned(ctx, signed, start) }},
			{"a grant taken back", true, func() error { return s.Ungrant(ctx, anna.PublicKey, start) }},
			{"somebody is there", false, func() error { return s.SeeConsole(ctx, anna.PublicKey, start.Add(time.Hour)) }},
			{"signing out", true, func() error { return s.EndConsoleLogin(ctx, anna.PublicKey) }},
			{"who is out already", false, func() error { return s.EndConsoleLogin(ctx, anna.PublicKey) }},
			{"other logins ended", true, func() error { return s.EndOtherLogins(ctx, anna.ID, people.Hash{}, start) }},
			{"a console revoked", true, func() error { return s.RevokeConsole(ctx, 0, anna.ID, all[1].ID, start) }},
			{"an entry of the log", false, func() error { return s.Note(ctx, 0, "record.export", "records", start) }},
			{"a rep revoked", true, func() error { return s.RevokeRep(ctx, anna.ID, start) }},
			{"once more", false, func() error { return s.RevokeRep(ctx, anna.ID, start) }},
		} {
			counted(c.what, c.want, c.do)
		}
	})
}
