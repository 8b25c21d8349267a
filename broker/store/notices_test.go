package store

import (
	"errors"
	"sync"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
)

func pushed(id uint64) settings.Notice {
	return settings.Notice{ID: id, Title: "Mail is down", Text: "We know.", Until: start.Add(time.Hour)}
}

// leads makes a rep the lead of a team.
func leads(t *testing.T, s *Store, owner, rep uint64) uint64 {
	t.Helper()
	if _, err := s.Change(t.Context(), owner, people.SetTeam{Team: people.Team{Name: "Printers", Members: map[uint64]people.Rank{rep: people.Lead}}}, start); err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestP07APermittedRepPushesAndEndsNoticesAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, rep := staffed(t, p)
		if err := s.PushNotice(t.Context(), rep, settings.Main, pushed(7), start); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("a rep who may not: %v", err)
		}
		if err := s.EndNotice(t.Context(), rep, settings.Main, 7, start); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("a rep who may not ends one: %v", err)
		}
		lead := leads(t, s, owner, rep)
		if err := s.PushNotice(t.Context(), lead, settings.Main, pushed(7), start); err != nil {
			t.Fatal(err)
		}
		if err := s.PushNotice(t.Context(), lead, settings.Main, pushed(7), start); err != nil {
			t.Fatal(err) // said again
		}
		set, version, err := s.Settings(t.Context())
		if err != nil || version != 1 || len(set.Portals[settings.Main].Notices) != 1 || !set.Portals[settings.Main].Notices[0].Pushed {
			t.Errorf("version %d, %v, %+v", version, err, set.Portals[settings.Main].Notices)
		}
		if err := s.EndNotice(t.Context(), lead, settings.Main, 7, start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if set, _, err = s.Settings(t.Context()); err != nil || len(set.Portals[settings.Main].Active(start.Add(time.Minute))) != 0 {
			t.Errorf("after its end: %v, %+v", err, set.Portals[settings.Main].Notices)
		}
		history, err := s.SettingsHistory(t.Context(), 9)
		if err != nil || len(history) != 2 || history[0].By != lead || history[1].By != lead {
			t.Errorf("history %+v, %v", history, err)
		}
		entries, err := s.Audit(t.Context(), people.AuditFilter{Act: "notice", Limit: 9})
		if err != nil || len(entries) != 2 || entries[1].Act != "notice.push" || entries[1].Actor != people.Actor(lead) || entries[1].Subject != "settings:1" || entries[0].Act != "notice.end" {
			t.Errorf("audit %+v, %v", entries, err)
		}
		if err := setSettings(t, s, lead, func(set *settings.Settings) {
			p := set.Portals[settings.Main]
			p.Name, p.Notices = "Works", nil
			set.Portals[settings.Main] = p
		}); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("who may push changes a portal: %v", err)
		}
	})
}

func TestP07NoPushIsLostWhoeverChangesSettingsAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, rep := staffed(t, p)
		lead := leads(t, s, owner, rep)
		open, version, err := s.Settings(t.Context()) // an administrator's form
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			all.Go(func() { errs[i] = s.PushNotice(t.Context(), lead, settings.Main, pushed(uint64(i+1)), start) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Errorf("at the same time: %v", err)
		}
		main := open.Portals[settings.Main]
		main.Name = "Works"
		open.Portals[settings.Main] = main
		if err := s.SetSettings(t.Context(), owner, version, open, start); !errors.Is(err, settings.ErrChanged) {
			t.Errorf("a form from before the pushes: %v", err)
		}
		if err := setSettings(t, s, owner, func(set *settings.Settings) { // made anew, as the page does
			p := set.Portals[settings.Main]
			p.Name = "Works"
			set.Portals[settings.Main] = p
		}); err != nil {
			t.Fatal(err)
		}
		set, _, err := s.Settings(t.Context())
		if err != nil || len(set.Portals[settings.Main].Notices) != len(errs) || set.Portals[settings.Main].Name != "Works" {
			t.Errorf("%v, %+v", err, set.Portals[settings.Main])
		}
	})
}
