package store

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"sync"
	"testing"

	"handrail/broker/people"
	"handrail/broker/policy"
	"handrail/broker/settings"
)

func setSettings(t *testing.T, s *Store, by uint64, change func(*settings.Settings)) error {
	t.Helper()
	set, version, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	change(&set)
	return s.SetSettings(t.Context(), by, version, set, start)
}

func TestA01SettingsBeginAsDefaultsAndComeBackAsTheyWereSet(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		if err := s.SetSetting(t.Context(), "organisation", []byte("Green Branch")); err != nil {
			t.Fatal(err)
		}
		first, version, err := s.Settings(t.Context())
		if err != nil || version != 0 || !settings.Same(first, settings.Default("Green Branch")) {
			t.Fatalf("at first: version %d, %v, %+v", version, err, first)
		}
		var logo bytes.Buffer
		if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
			t.Fatal(err)
		}
		want := settings.Default("Green Branch")
		two := settings.NewPortal("two", "Two")
		two.Look.Logo, two.Hosts = logo.Bytes(), []string{"two.example.org"}
		want.Portals["two"] = two
		want.DefaultPolicy = policy.Policy{policy.View: policy.Allow}
		want.Hooks = []settings.Hook{{ID: "h", URL: "https://h.example", Secret: []byte{1, 2}}}
		if err := s.SetSettings(t.Context(), 0, 0, want, start); err != nil {
			t.Fatal(err)
		}
		got, version, err := s.Settings(t.Context())
		if err != nil || version != 1 || !settings.Same(got, want) {
			t.Errorf("version %d, %v\n%+v\n%+v", version, err, got, want)
		}
		if err := setSettings(t, s, 0, func(set *settings.Settings) { delete(set.Portals, "two") }); err != nil {
			t.Fatal(err)
		}
		if got, version, err = s.Settings(t.Context()); err != nil || version != 2 || len(got.Portals) != 1 {
			t.Errorf("portal not taken away: version %d, %v, %v", version, err, got.Portals)
		}
		if was, err := s.SettingsAt(t.Context(), 1); err != nil || !settings.Same(was, want) {
			t.Errorf("version 1 is not as it was: %v %+v", err, was)
		}
		if n, err := s.SettingsVersion(t.Context()); n != 2 || err != nil {
			t.Errorf("newest version %d, %v", n, err)
		}
		history, err := s.SettingsHistory(t.Context(), 10)
		if err != nil || len(history) != 2 || history[0].Number != 2 || !history[0].At.Equal(start) {
			t.Errorf("history %+v, %v", history, err)
		}
		entries, err := s.Audit(t.Context(), people.AuditFilter{Limit: 10})
		if err != nil || len(entries) != 2 || entries[0].Act != "settings.change" || entries[0].Subject != "settings:2" {
			t.Errorf("audit: %+v, %v", entries, err)
		}
		for _, e := range entries {
			if bytes.Contains(e.Detail, []byte("two.example.org")) {
				t.Errorf("the log says what was set: %s", e.Detail)
			}
		}
	})
}

func TestA01WhatIsTheSameOrUnfitOrStaleMakesNoVersion(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		set := settings.Default("Works")
		set.Portals[settings.Main] = settings.NewPortal(settings.Main, "Other works")
		for range 2 { // saying it again is harmless
			version, err := s.SettingsVersion(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.SetSettings(t.Context(), 0, version, set, start); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SetSettings(t.Context(), 0, 0, settings.Default("Stale"), start); !errors.Is(err, settings.ErrChanged) {
			t.Errorf("stale: %v", err)
		}
		if err := s.SetSettings(t.Context(), 0, 1, settings.Settings{}, start); !errors.Is(err, settings.ErrBad) {
			t.Errorf("unfit: %v", err)
		}
		if n, err := s.SettingsVersion(t.Context()); n != 1 || err != nil {
			t.Errorf("version %d, %v", n, err)
		}
	})
}

func TestA01OfTwoWhoChangeAtTheSameTimeOneHearsOfTheOther(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				set := settings.Default("Works")
				set.Portals[settings.Main] = settings.NewPortal(settings.Main, "Works "+string(rune('a'+i)))
				errs[i] = s.SetSettings(t.Context(), 0, 0, set, start)
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, settings.ErrChanged):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d of them won", won)
		}
	})
}

func TestA03NobodyChangesSettingsBeyondTheirRights(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, admin, _, rep := staffed(t, p)
		portal := func(set *settings.Settings) {
			set.Portals["new"] = settings.NewPortal("new", "New")
		}
		set, _, err := s.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		set.Portals[settings.Main] = settings.NewPortal(settings.Main, "Works")
		if err := s.SetSettings(t.Context(), 0, 0, set, start); err != nil {
			t.Fatal(err)
		}
		if err := setSettings(t, s, rep, portal); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("a rep: %v", err)
		}
		if err := setSettings(t, s, admin, portal); err != nil {
			t.Errorf("an administrator: %v", err)
		}
		provider := func(set *settings.Settings) {
			set.People.OIDC = &settings.OIDC{Name: "id", Issuer: "https://id.example", ClientID: "c", Roles: map[string]string{"g": people.OwnerRole}}
		}
		if err := setSettings(t, s, admin, provider); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("an administrator lets a provider in: %v", err)
		}
		if err := setSettings(t, s, owner, provider); err != nil {
			t.Errorf("an owner lets a provider in: %v", err)
		}
	})
}

func TestA03WhoMayImportGivesNoMoreThanIsTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, second, _ := staffed(t, p)
		for _, c := range []people.Change{
			people.SetRole{Role: people.Role{ID: "importer", Name: "Importer", May: people.Of(people.ImportSettings)}},
			people.GiveRole{Rep: second, Role: "importer"},
		} {
			if _, err := s.Change(t.Context(), owner, c, start); err != nil {
				t.Fatal(err)
			}
		}
		for name, roles := range map[string]map[string]string{"makes owners": {"g": people.OwnerRole}, "has another speak for owners": nil} {
			if err := setSettings(t, s, second, func(set *settings.Settings) {
				set.Portals[settings.Main] = settings.NewPortal(settings.Main, "Works")
				set.People.OIDC = &settings.OIDC{Name: "id", Issuer: "https://id.example", ClientID: "c", Roles: roles}
			}); !errors.Is(err, people.ErrOwnRights) {
				t.Errorf("an importer %s: %v", name, err)
			}
		}
	})
}
