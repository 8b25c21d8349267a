package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
)

const personColumns = `id, name, private_name, mail, language, listed, place, must_change, idle_minutes, revoked`

func scanPerson(row interface{ Scan(...any) error }) (people.Rep, error) {
	var r people.Rep
	var listed, mustChange int
	var revoked int64
	err := row.Scan(&r.ID, &r.PublicName, &r.PrivateName, &r.Mail, &r.Language, &listed, &r.Order, &mustChange, &r.IdleMinutes, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return people.Rep{}, lobby.ErrNoRep
	}
	r.Listed, r.MustChange, r.Disabled = listed != 0, mustChange != 0, revoked != 0
	return r, err
}

// Organisation gives everybody, as they are at one moment.
func (s *Store) Organisation(ctx context.Context) (people.Organisation, error) {
	var o people.Organisation
	err := s.view(ctx, "reading the organisation", func(tx *Tx) (err error) {
		o, err = organisation(tx.ctx, tx.tx)
		return err
	})
	if err != nil {
		return people.Organisation{}, err
	}
	return o, nil
}

func organisation(ctx context.Context, from querier) (people.Organisation, error) {
	o := people.Organisation{Reps: map[uint64]people.Rep{}, Teams: map[uint64]people.Team{}, Roles: map[string]people.Role{}}
	reps, err := list(ctx, from, func(r *sql.Rows) (people.Rep, error) { return scanPerson(r) },
		`select `+personColumns+` from reps`)
	if err != nil {
		return o, err
	}
	for _, r := range reps {
		o.Reps[r.ID] = r
	}
	teams, err := list(ctx, from, func(r *sql.Rows) (t people.Team, err error) {
		t.Members = map[uint64]people.Rank{}
		return t, r.Scan(&t.ID, &t.Name, &t.Above)
	}, `select id, name, above from teams`)
	if err != nil {
		return o, err
	}
	if o.LastTeam, err = lastTeam(ctx, from); err != nil {
		return o, err
	}
	for _, t := range teams {
		o.Teams[t.ID] = t
		o.LastTeam = max(o.LastTeam, t.ID) // a broker of an older version may have made it
	}
	_, err = list(ctx, from, func(r *sql.Rows) (none struct{}, err error) {
		var team, rep uint64
		var rank people.Rank
		if err := r.Scan(&team, &rep, &rank); err != nil {
			return none, err
		}
		o.Teams[team].Members[rep] = rank
		return none, nil
	}, `select team, rep, rank from members`)
	if err != nil {
		return o, err
	}
	roles, err := list(ctx, from, func(r *sql.Rows) (role people.Role, err error) {
		var may string
		err = r.Scan(&role.ID, &role.Name, &may)
		role.May = unspaced(may)
		return role, err
	}, `select id, name, may from roles`)
	if err != nil {
		return o, err
	}
	for _, r := range roles {
		o.Roles[r.ID] = r
	}
	o.Holdings, err = list(ctx, from, func(r *sql.Rows) (h people.Holding, err error) {
		var given int64
		err = r.Scan(&h.Rep, &h.Role, &h.By, &given)
		h.Given = moment(given)
		return h, err
	}, `select rep, role, by_rep, given from holders order by rep, role`)
	return o, err
}

// lastTeamName is a setting: the highest number that a team ever had.
const lastTeamName = "teams.last"

func lastTeam(ctx context.Context, from querier) (last uint64, err error) {
	_, err = list(ctx, from, func(r *sql.Rows) (none struct{}, err error) {
		var text []byte
		if err := r.Scan(&text); err != nil {
			return none, err
		}
		last, err = strconv.ParseUint(string(text), 10, 64)
		return none, err
	}, `select value from settings where name = $1`, lastTeamName)
	return last, err
}

// spaced is how a set of permissions is kept.
func spaced(s people.Set) string {
	var names []string
	for _, p := range s.List() {
		names = append(names, string(p))
	}
	return strings.Join(names, " ")
}

func unspaced(text string) people.Set {
	s := people.Set{}
	for p := range strings.FieldsSeq(text) {
		s[people.Permission(p)] = true
	}
	return s
}

// Change makes a change that rep by asks for, if people's rules let it. A rep
// or a team whose ID is 0 is added; the ID it gets comes back. Errors: those of
// package people.
func (s *Store) Change(ctx context.Context, by uint64, c people.Change, now time.Time) (uint64, error) {
	var id uint64
	err := s.change(ctx, "changing people", func(tx *Tx) error {
		before, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		ready := c
		id = 0
		switch c := c.(type) {
		case people.SetRep:
			if c.Rep.ID == 0 {
				err = tx.row(`select coalesce(max(id), 0) + 1 from reps`).Scan(&c.Rep.ID)
			}
			id, ready = c.Rep.ID, c
		case people.SetTeam:
			if c.Team.ID == 0 {
				c.Team.ID = before.LastTeam + 1
			}
			id, ready = c.Team.ID, c
		}
		if err != nil {
			return err
		}
		after, err := before.Apply(by, ready, now)
		if err != nil {
			return err
		}
		if err := keepOrganisation(tx, by, before, after, now, s.engine); err != nil {
			return err
		}
		act, about, told := toldOf(before, ready)
		return noted(tx, by, act, about, told, now)
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// toldOf is what the audit log tells of a change: ids and the names of fields.
func toldOf(before people.Organisation, c people.Change) (act, about string, told map[string]any) {
	switch c := c.(type) {
	case people.SetRep:
		old, known := before.Reps[c.Rep.ID]
		about = people.Actor(c.Rep.ID)
		switch {
		case !known:
			return "rep.add", about, nil
		case c.Rep.Disabled && !old.Disabled:
			return "rep.disable", about, nil
		case old.Disabled && !c.Rep.Disabled:
			return "rep.enable", about, nil
		}
		return "rep.change", about, map[string]any{"fields": changedFields(old, c.Rep)}
	case people.SetTeam:
		about = subject("team", c.Team.ID)
		members := map[string]int{}
		for rep, rank := range c.Team.Members {
			members[fmt.Sprint(rep)] = int(rank)
		}
		told = map[string]any{"members": members, "above": c.Team.Above}
		if _, known := before.Teams[c.Team.ID]; !known {
			return "team.add", about, told
		}
		return "team.change", about, told
	case people.RemoveTeam:
		return "team.remove", subject("team", c.ID), nil
	case people.SetRole:
		told = map[string]any{"may": spaced(c.Role.May)}
		if _, known := before.Roles[c.Role.ID]; !known {
			return "role.add", subject("role", c.Role.ID), told
		}
		return "role.change", subject("role", c.Role.ID), told
	case people.RemoveRole:
		return "role.remove", subject("role", c.ID), nil
	case people.GiveRole:
		return "role.give", people.Actor(c.Rep), map[string]any{"role": c.Role}
	case people.TakeRole:
		return "role.take", people.Actor(c.Rep), map[string]any{"role": c.Role}
	}
	return fmt.Sprintf("%T", c), "", nil // a change that this list doesn't know yet
}

// changedFields names what differs between two states of a rep.
func changedFields(a, b people.Rep) []string {
	names := []string{}
	for name, differs := range map[string]bool{
		"public name": a.PublicName != b.PublicName, "private name": a.PrivateName != b.PrivateName, "mail": a.Mail != b.Mail,
		"language": a.Language != b.Language, "listed": a.Listed != b.Listed, "order": a.Order != b.Order,
		"must change password": a.MustChange != b.MustChange, "idle minutes": a.IdleMinutes != b.IdleMinutes,
	} {
		if differs {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// keepOrganisation writes what differs after a change by a rep, or by nobody (0).
func keepOrganisation(tx *Tx, by uint64, before, after people.Organisation, now time.Time, e engine) error {
	tx.hint()
	if err := setSetting(tx, lastTeamName, strconv.AppendUint(nil, after.LastTeam, 10)); err != nil {
		return err
	}
	added := false
	for id, r := range after.Reps {
		if old, known := before.Reps[id]; old != r {
			added = added || !known
			if err := keepPerson(tx, by, r, now); err != nil {
				return err
			}
		}
	}
	for id := range before.Teams {
		if _, still := after.Teams[id]; !still {
			if _, err := tx.exec(`delete from members where team = $1`, id); err != nil {
				return err
			}
			if _, err := tx.exec(`delete from teams where id = $1`, id); err != nil {
				return err
			}
		}
	}
	for id, t := range after.Teams {
		if old, known := before.Teams[id]; known && old.Name != t.Name {
			// Its new name may be one that another gives up. A team is never called so.
			if _, err := tx.exec(`update teams set name = $1 where id = $2`, fmt.Sprintf(" %d", id), id); err != nil {
				return err
			}
		}
	}
	for id, t := range after.Teams {
		old, known := before.Teams[id]
		if known && old.Same(t) {
			continue
		}
		added = added || !known
		if err := keepTeam(tx, t); err != nil {
			return err
		}
	}
	if err := keepRoles(tx, before, after); err != nil {
		return err
	}
	if added {
		return e.loaded(tx) // the ids were chosen here
	}
	return nil
}

// keepPerson keeps also who gave the mail address, which decides for whom an
// identity provider vouches by it.
func keepPerson(tx *Tx, by uint64, r people.Rep, now time.Time) error {
	var revoked int64
	if r.Disabled {
		revoked = micros(now)
	}
	if by == r.ID {
		by = 0 // one's own address
	}
	const text = `insert into reps (id, name, private_name, mail, language, listed, place, must_change, idle_minutes, created, revoked, mail_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (id) do update set name = excluded.name, private_name = excluded.private_name, mail = excluded.mail,
			language = excluded.language, listed = excluded.listed, place = excluded.place,
			must_change = excluded.must_change, idle_minutes = excluded.idle_minutes,
			revoked = case when excluded.revoked <> 0 and reps.revoked <> 0 then reps.revoked else excluded.revoked end,
			mail_by = case when excluded.mail = reps.mail then reps.mail_by else excluded.mail_by end`
	if _, err := tx.exec(text, r.ID, r.PublicName, r.PrivateName, r.Mail, r.Language, bit(r.Listed), r.Order,
		bit(r.MustChange), r.IdleMinutes, micros(now), revoked, by); err != nil {
		return err
	}
	if !r.Disabled {
		return nil
	}
	return shutOut(tx, r.ID)
}

// shutOut ends what a rep who may not sign in any more had: who comes back
// signs in anew, and needs a new code for a console that came by one.
func shutOut(tx *Tx, rep uint64) error {
	if err := endConsoles(tx, rep); err != nil {
		return err
	}
	if err := ungrantRep(tx, rep); err != nil {
		return err
	}
	return endLogins(tx, rep, nil)
}

func keepTeam(tx *Tx, t people.Team) error {
	if _, err := tx.exec(`insert into teams (id, name, above) values ($1, $2, $3)
		on conflict (id) do update set name = excluded.name, above = excluded.above`, t.ID, t.Name, t.Above); err != nil {
		return err
	}
	if _, err := tx.exec(`delete from members where team = $1`, t.ID); err != nil {
		return err
	}
	for rep, rank := range t.Members {
		if _, err := tx.exec(`insert into members (team, rep, rank) values ($1, $2, $3)`, t.ID, rep, int(rank)); err != nil {
			return err
		}
	}
	return nil
}

func keepRoles(tx *Tx, before, after people.Organisation) error {
	for id, r := range after.Roles {
		if old, known := before.Roles[id]; known && old.Same(r) {
			continue
		}
		if _, err := tx.exec(`insert into roles (id, name, may) values ($1, $2, $3)
			on conflict (id) do update set name = excluded.name, may = excluded.may`, id, r.Name, spaced(r.May)); err != nil {
			return err
		}
	}
	for id := range before.Roles {
		if _, still := after.Roles[id]; !still {
			if _, err := tx.exec(`delete from roles where id = $1`, id); err != nil {
				return err
			}
		}
	}
	for _, h := range before.Holdings {
		if !slices.Contains(after.Holdings, h) {
			if _, err := tx.exec(`delete from holders where rep = $1 and role = $2`, h.Rep, h.Role); err != nil {
				return err
			}
		}
	}
	for _, h := range after.Holdings {
		if !slices.Contains(before.Holdings, h) {
			if err := keepHolding(tx, h); err != nil {
				return err
			}
		}
	}
	return nil
}

func keepHolding(tx *Tx, h people.Holding) error {
	_, err := tx.exec(`insert into holders (rep, role, by_rep, given) values ($1, $2, $3, $4)
		on conflict (rep, role) do nothing`, h.Rep, h.Role, h.By, micros(h.Given))
	return err
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Consoles lists a rep's consoles in the order they came.
func (s *Store) Consoles(ctx context.Context, rep uint64) ([]people.Console, error) {
	return list(ctx, s.engine.reader(), func(rows *sql.Rows) (c people.Console, err error) {
		var made, seen, revoked, until int64
		err = rows.Scan(&c.ID, &c.Rep, &c.PublicKey, &c.Name, &made, &seen, &revoked, &until)
		c.Made, c.Seen, c.Revoked, c.Stands = moment(made), moment(seen), moment(revoked), until == loginStands
		if !c.Stands {
			c.LoginUntil = moment(until)
		}
		return c, err
	}, `select id, rep, public_key, name, made, seen, revoked, login_until from consoles where rep = $1 order by id`, rep)
}

// SeeConsole notes that a console was here.
func (s *Store) SeeConsole(ctx context.Context, publicKey []byte, now time.Time) error {
	return s.change(ctx, "seeing a console", func(tx *Tx) error {
		_, err := tx.exec(`update consoles set seen = $1 where public_key = $2 and seen < $1`, micros(now), publicKey)
		return err
	})
}

// RevokeConsole takes, for rep by, one console from its rep. Once more is
// harmless.
func (s *Store) RevokeConsole(ctx context.Context, by, rep, id uint64, now time.Time) error {
	return s.change(ctx, "revoking a console", func(tx *Tx) error {
		n, err := tx.exec(`update consoles set revoked = $1, login_until = 0 where id = $2 and rep = $3 and revoked = 0`, micros(now), id, rep)
		if err != nil || n == 0 {
			return err
		}
		tx.hint()
		if _, err := tx.exec(`delete from grants where public_key = (select public_key from consoles where id = $1)`, id); err != nil {
			return err
		}
		return noted(tx, by, "console.revoke", people.Actor(rep), map[string]any{"console": id}, now)
	})
}

// change writes, and says what was being done when it fails.
func (s *Store) change(ctx context.Context, doing string, do func(*Tx) error) error {
	token, _ := ctx.Value(tokenKey{}).(uint64)
	err := s.engine.write(ctx, func(tx *Tx) error {
		tx.token = token
		defer func() { tx.token = 0 }() // others share the transaction
		return do(tx)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// view looks at several things as they are at one moment, and says what was
// being done when it fails.
func (s *Store) view(ctx context.Context, doing string, do func(*Tx) error) error {
	tx, err := s.engine.reader().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err == nil {
		defer func() { _ = tx.Rollback() }() // nothing was written
		err = do(&Tx{ctx: ctx, tx: tx})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
