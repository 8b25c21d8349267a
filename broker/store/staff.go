package store

import (
	"context"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
)

// SetStaff arranges people as staff says, for whoever asks, if they are still
// as their stamp says. Errors: people.ErrChanged, people.Unfits.
func (s *Store) SetStaff(ctx context.Context, by people.Asker, seen people.Hash, staff people.Staff, now time.Time) error {
	return s.change(ctx, "arranging people", func(tx *Tx) error { return arranged(tx, by, seen, staff, now, s.engine) })
}

// SetFile does SetStaff and SetSettings for a rep (0: the local command), both
// or neither. Errors: those of the two.
func (s *Store) SetFile(ctx context.Context, by, version uint64, set settings.Settings, seen people.Hash, staff people.Staff, now time.Time) error {
	if err := set.Fit(now); err != nil {
		return err
	}
	return s.change(ctx, "applying a file", func(tx *Tx) error {
		// People first: settings name teams and roles that come with them.
		if err := arranged(tx, people.Asker{Rep: by}, seen, staff, now, s.engine); err != nil {
			return err
		}
		return keptSettings(tx, by, version, set, now)
	})
}

// arranged arranges people, and tells the audit log of each change as if it had
// come alone.
func arranged(tx *Tx, by people.Asker, seen people.Hash, staff people.Staff, now time.Time, e engine) error {
	before, err := organisation(tx.ctx, tx.tx)
	if err != nil {
		return err
	}
	if before.Stamp() != seen {
		return people.ErrChanged
	}
	after, changes, err := before.Arrange(by, staff, now)
	if err != nil || len(changes) == 0 {
		return err
	}
	if err := keepOrganisation(tx, by.Rep, before, after, now, e); err != nil {
		return err
	}
	for _, c := range changes {
		act, about, told := toldOf(before, c)
		if err := noted(tx, by.Rep, act, about, told, now); err != nil {
			return err
		}
	}
	return nil
}
