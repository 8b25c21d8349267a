package settings

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// Errors of Push and End.
var (
	ErrNoPortal    = errors.New("settings: no such portal")
	ErrManyNotices = errors.New("settings: as many notices count there as may")
)

// Push gives the settings with a notice more that everybody who waits in a
// portal is told (P07). One that is there already, with the same ID, title and
// text, is there once. Errors: ErrNoPortal, ErrManyNotices, Wrongs (ErrBad).
//
// Where as many are kept as may be, the one that has been over longest goes.
func (s Settings) Push(portal string, n Notice, now time.Time) (Settings, error) {
	p, ok := s.Portals[portal]
	if !ok {
		return s, ErrNoPortal
	}
	n.Pushed = true
	if slices.ContainsFunc(p.Notices, func(o Notice) bool { return o.ID == n.ID && o.Title == n.Title && o.Text == n.Text }) {
		return s, nil
	}
	if len(p.Active(now)) >= MaxActive {
		return s, ErrManyNotices
	}
	notices := slices.Clone(p.Notices)
	if len(notices) >= MaxNotices {
		notices = withoutOldest(notices, now)
	}
	return s.withNotices(p, append(notices, n))
}

// End gives the settings with a pushed notice that counts no more. It stays
// among those that are over. One that is none such is left as it is. Errors:
// ErrNoPortal.
func (s Settings) End(portal string, id uint64, now time.Time) (Settings, error) {
	p, ok := s.Portals[portal]
	if !ok {
		return s, ErrNoPortal
	}
	i := slices.IndexFunc(p.Notices, func(n Notice) bool { return n.ID == id && n.Pushed && n.Active(now) })
	if i < 0 {
		return s, nil
	}
	notices := slices.Clone(p.Notices)
	notices[i].Until = now
	return s.withNotices(p, notices)
}

// withNotices puts notices into a portal, if they may be there. The settings it
// was given stay as they are.
func (s Settings) withNotices(p Portal, notices []Notice) (Settings, error) {
	var c check
	c.notices(join("portals", p.ID, "notices"), notices)
	if len(c.found) > 0 {
		return s, c.found
	}
	p.Notices = notices
	s.Portals = maps.Clone(s.Portals)
	s.Portals[p.ID] = p
	return s, nil
}

// withoutOldest leaves the notice out that has been over longest.
func withoutOldest(all []Notice, now time.Time) []Notice {
	oldest := -1
	for i, n := range all {
		if !n.Active(now) && (oldest < 0 || n.Until.Before(all[oldest].Until)) {
			oldest = i
		}
	}
	if oldest < 0 {
		return all
	}
	return slices.Delete(all, oldest, oldest+1)
}
