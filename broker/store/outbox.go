package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/settings"
)

// syslogID is the recipient that is a syslog server. Hooks are named "hook:" and
// their ID.
const (
	syslogID = "syslog"
	hookID   = "hook:"

	dayZoneName = "records.zone"
)

// recipient is a program elsewhere that hears of facts.
type recipient struct {
	id     string
	events []string // empty: all
}

func (r recipient) hears(what lobby.What) bool {
	return len(r.events) == 0 || slices.Contains(r.events, string(what))
}

func recipients(tx *Tx) ([]recipient, error) {
	return list(tx.ctx, tx.tx, func(rows *sql.Rows) (r recipient, err error) {
		var events string
		err = rows.Scan(&r.id, &events)
		r.events = strings.Fields(events)
		return r, err
	}, `select id, events from recipients order by id`)
}

// tell puts a fact in the line of everybody who hears of its kind.
func (k *keeper) tell(f lobby.Fact, number int64) error {
	for _, r := range k.recipients {
		if !r.hears(f.What) {
			continue
		}
		if _, err := k.exec(`insert into outbox (recipient, fact, made) values ($1, $2, $3)`, r.id, number, micros(f.At)); err != nil {
			return err
		}
	}
	return nil
}

// dayZone is where the days of the roll-up begin and end.
func dayZone(tx *Tx) (*time.Location, error) {
	var name []byte
	err := tx.row(`select value from settings where name = $1`, dayZoneName).Scan(&name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	zone, err := time.LoadLocation(string(name))
	if err != nil {
		return time.UTC, nil // a zone that this system does not know is better than no record
	}
	return zone, nil
}

// settledRecords keeps what the keeping of facts needs of new settings: who
// hears of them, and where days begin. It belongs in the transaction that keeps
// the settings.
func settledRecords(tx *Tx, s settings.Settings) error {
	_, err := tx.exec(`insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`,
		dayZoneName, []byte(s.Portals[settings.Main].Hours.Zone))
	if err != nil {
		return fmt.Errorf("the zone of days: %w", err)
	}
	var hear []recipient
	for _, h := range s.Hooks {
		if !h.Off {
			hear = append(hear, recipient{hookID + h.ID, h.Events})
		}
	}
	if s.Syslog != nil {
		hear = append(hear, recipient{id: syslogID})
	}
	had, err := recipients(tx)
	if err != nil {
		return err
	}
	for _, r := range had {
		if slices.ContainsFunc(hear, func(h recipient) bool { return h.id == r.id }) {
			continue
		}
		for _, text := range []string{`delete from outbox where recipient = $1`, `delete from recipients where id = $1`} {
			if _, err := tx.exec(text, r.id); err != nil {
				return err
			}
		}
	}
	for _, r := range hear {
		if _, err := tx.exec(`insert into recipients (id, events, tries, due, holder, lease, told, given_up, last, problem)
			values ($1, $2, 0, 0, '', 0, 0, 0, 0, '') on conflict (id) do update set events = excluded.events`,
			r.id, strings.Join(r.events, " ")); err != nil {
			return err
		}
	}
	return nil
}
