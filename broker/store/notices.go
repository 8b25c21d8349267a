package store

import (
	"context"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
)

// PushNotice has everybody who waits in a portal told something by a rep (P07).
// It adds to the settings as they are at that moment, so it can't clash with an
// administrator's change; what is there already is left alone. Errors:
// people.ErrNotAllowed, settings.ErrNoPortal, settings.ErrManyNotices,
// settings.Wrongs (ErrBad).
func (s *Store) PushNotice(ctx context.Context, by uint64, portal string, n settings.Notice, now time.Time) error {
	return s.change(ctx, "pushing a notice", func(tx *Tx) error {
		return keptNotices(tx, by, "notice.push", now, func(set settings.Settings) (settings.Settings, error) {
			return set.Push(portal, n, now)
		})
	})
}

// EndNotice ends a notice that was pushed, by whomever. Errors:
// people.ErrNotAllowed, settings.ErrNoPortal.
func (s *Store) EndNotice(ctx context.Context, by uint64, portal string, id uint64, now time.Time) error {
	return s.change(ctx, "ending a notice", func(tx *Tx) error {
		return keptNotices(tx, by, "notice.end", now, func(set settings.Settings) (settings.Settings, error) {
			return set.End(portal, id, now)
		})
	})
}

// keptNotices makes a version of settings with other notices, for a rep who may
// push some.
func keptNotices(tx *Tx, by uint64, act string, now time.Time, change func(settings.Settings) (settings.Settings, error)) error {
	o, err := organisation(tx.ctx, tx.tx)
	if err != nil {
		return err
	}
	if !o.May(by)[people.PushNotices] {
		return people.ErrNotAllowed
	}
	before, version, err := readSettings(tx.ctx, tx.tx, 1<<62)
	if err != nil {
		return err
	}
	after, err := change(before)
	if err != nil || settings.Same(before, after) {
		return err
	}
	return keepVersion(tx, by, act, version, before, after, now)
}
