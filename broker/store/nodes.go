package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// NodeLife is how long a broker that is not heard of keeps what it has.
const NodeLife = 4 * time.Second

// settingShare is the secret of lobby.Share.
const settingShare = "share"

// Join makes a broker one of those who share the database, and gives it what
// nobody has: all keys, sessions, visits and waits that it begins with, and the
// part of the numbers that it may give out.
//
// A SQLite store has one broker at a time: with replace the new one takes the
// place of the one before. In a shared database it takes the place of one with
// the same address, which can't be running any more. Without replace either is
// lobby.ErrSameAddress. Other errors: lobby.ErrTooMany.
func (s *Store) Join(ctx context.Context, n lobby.Node, replace bool) (lobby.Batch, lobby.Share, error) {
	var b lobby.Batch
	var share lobby.Share
	err := s.engine.write(ctx, func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		if err := s.makeRoom(tx, n.Address, replace, now); err != nil {
			return err
		}
		if share, err = s.share(tx); err != nil {
			return err
		}
		_, err = tx.exec(`insert into nodes (id, address, part, started, until) values ($1, $2, $3, $4, $5)`,
			n.ID[:], n.Address, share.Part, now, now+NodeLife.Microseconds())
		if err != nil {
			return err
		}
		if b, err = takeOver(tx, n.ID); err != nil {
			return err
		}
		b.Waits, err = waits(tx.ctx, tx.tx)
		return err
	})
	if err != nil {
		return lobby.Batch{}, lobby.Share{}, fmt.Errorf("joining the brokers: %w", err)
	}
	return b, share, nil
}

// makeRoom takes those away who can't be running any more.
func (s *Store) makeRoom(tx *Tx, address string, replace bool, now int64) error {
	alone := !s.engine.shared()
	if replace && alone {
		_, err := tx.exec(`delete from nodes`)
		return err
	}
	if replace {
		_, err := tx.exec(`delete from nodes where until <= $1 or address = $2`, now, address)
		return err
	}
	if alone {
		now = 0 // who has a file alone says that it stops, and not that it lives
	}
	if _, err := tx.exec(`delete from nodes where until <= $1`, now); err != nil {
		return err
	}
	var taken bool
	if err := tx.row(`select exists (select 1 from nodes where address = $1 or $2)`, address, alone).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return lobby.ErrSameAddress
	}
	return nil
}

// share finds a part of the numbers that no broker has, and of which no number
// is in use: what was taken over from a dead broker is of that one's part.
func (s *Store) share(tx *Tx) (lobby.Share, error) {
	if !s.engine.shared() {
		return lobby.Share{}, nil
	}
	share := lobby.Share{Of: lobby.Parts}
	var secret []byte
	err := tx.row(`select value from settings where name = $1`, settingShare).Scan(&secret)
	if errors.Is(err, sql.ErrNoRows) {
		secret = make([]byte, len(share.Secret))
		rand.Read(secret) // never fails
		_, err = tx.exec(`insert into settings (name, value) values ($1, $2)`, settingShare, secret)
	}
	if err != nil {
		return share, err
	}
	copy(share.Secret[:], secret)
	parts, err := list(tx.ctx, tx.tx, func(r *sql.Rows) (part int, err error) { return part, r.Scan(&part) }, `select part from nodes`)
	if err != nil {
		return share, err
	}
	numbers, err := list(tx.ctx, tx.tx, func(r *sql.Rows) (number string, err error) { return number, r.Scan(&number) },
		`select number from keys where state <> $1 union all select code from visits where code <> ''`, int(lobby.KeyEnded))
	if err != nil {
		return share, err
	}
	had := map[int]bool{}
	for _, part := range parts {
		had[part] = true
	}
	used := make([]int, share.Of)
	for _, n := range numbers {
		used[share.PartOf(n)]++
	}
	share.Part = -1
	for part, n := range used {
		if !had[part] && (share.Part < 0 || n < used[share.Part]) {
			share.Part = part
		}
	}
	if share.Part < 0 {
		return share, lobby.ErrTooMany
	}
	return share, nil
}

// takeOver gives a node what is nobody's.
func takeOver(tx *Tx, id lobby.NodeID) (lobby.Batch, error) {
	b, err := atHome(tx.ctx, tx.tx, `home not in (select id from nodes)`)
	for _, text := range []string{
		`update keys set home = $1 where home not in (select id from nodes)`,
		`update sessions set home = $1 where home not in (select id from nodes)`,
		`update visits set home = $1 where home not in (select id from nodes)`,
	} {
		if err == nil {
			_, err = tx.exec(text, id[:])
		}
	}
	return b, err
}

// Renew says that a broker is there. It can be late, as long as no other has
// taken over what it has; then it is lobby.ErrFenced.
func (s *Store) Renew(ctx context.Context, id lobby.NodeID) error {
	if !s.engine.shared() {
		var is bool
		err := s.engine.reader().QueryRowContext(ctx, isOne, id[:]).Scan(&is)
		if err == nil && !is {
			err = lobby.ErrFenced
		}
		if err != nil {
			return fmt.Errorf("looking after our place among the brokers: %w", err)
		}
		return nil
	}
	err := s.engine.write(ctx, func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		return fenced(tx.exec(`update nodes set until = $1 where id = $2 and until >= 0`, now+NodeLife.Microseconds(), id[:]))
	})
	if err != nil {
		return fmt.Errorf("keeping our place among the brokers: %w", err)
	}
	return nil
}

// Part gives up what a broker has: others take it over at once.
func (s *Store) Part(ctx context.Context, id lobby.NodeID) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		return fenced(tx.exec(`update nodes set until = 0 where id = $1 and until >= 0`, id[:]))
	})
	if err != nil {
		return fmt.Errorf("parting from the brokers: %w", err)
	}
	return nil
}

// fenced makes ErrFenced of a change that found no row.
func fenced(n int64, err error) error {
	if err == nil && n == 0 {
		return lobby.ErrFenced
	}
	return err
}

// isOne says whether a node may act.
const isOne = `select exists (select 1 from nodes where id = $1 and until >= 0)`

// holds says lobby.ErrFenced of a node that others have taken the place of. The
// row is another before they take over, so a write that has seen it as it was
// is before that, or is taken back.
func holds(tx *Tx, id lobby.NodeID) error {
	var is bool
	err := tx.row(isOne, id[:]).Scan(&is)
	if err == nil && !is {
		return lobby.ErrFenced
	}
	return err
}

// Nodes lists the brokers, also those that are lost and not taken over yet.
func (s *Store) Nodes(ctx context.Context) ([]lobby.Node, error) {
	var all []lobby.Node
	err := s.view(ctx, "listing the brokers", func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		all, err = list(tx.ctx, tx.tx, func(r *sql.Rows) (n lobby.Node, err error) {
			var id []byte
			var started, until int64
			err = r.Scan(&id, &n.Address, &started, &until)
			copy(n.ID[:], id)
			n.Started, n.Lost = moment(started), until <= now && s.engine.shared()
			return n, err
		}, `select id, address, started, until from nodes order by address, id`)
		return err
	})
	return all, err
}

// Adopt gives a broker what those have who were not heard of for NodeLife, and
// forgets them. Of several who adopt at the same time each gets something else.
// A broker that was taken for dead itself gets lobby.ErrFenced. After
// lobby.ErrDoubt it may have things that it was not told of: it has to join anew.
func (s *Store) Adopt(ctx context.Context, id lobby.NodeID) (lobby.Batch, error) {
	var b lobby.Batch
	err := s.fence(ctx, id)
	if err == nil {
		err = s.engine.write(ctx, func(tx *Tx) error {
			b = lobby.Batch{}
			if err := holds(tx, id); err != nil {
				return err
			}
			n, err := tx.exec(`delete from nodes where until < 0`)
			if err != nil || n == 0 {
				return err
			}
			b, err = takeOver(tx, id)
			return err
		})
	}
	if errors.Is(err, errCommitting) && !lost(err) {
		err = fmt.Errorf("%w: %w", lobby.ErrDoubt, err)
	}
	if err != nil {
		return lobby.Batch{}, fmt.Errorf("taking over from lost brokers: %w", err)
	}
	return b, nil
}

// fence keeps the lost from writing anything more. In a transaction of its own
// it is certain to succeed: what a broker that is not dead goes on to write
// would take a larger one back again and again.
func (s *Store) fence(ctx context.Context, id lobby.NodeID) error {
	return s.engine.write(ctx, func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		if err := holds(tx, id); err != nil {
			return err
		}
		_, err = tx.exec(`update nodes set until = -1 where until >= 0 and until <= $1 and id <> $2`, now, id[:])
		return err
	})
}

// Find says which broker has what is sought.
func (s *Store) Find(ctx context.Context, what lobby.Sought) (lobby.Whereabouts, error) {
	text, arg := `select home, made as at from keys where state <> 3 and number = $1`, any(what.Number)
	switch {
	case what.Code != "":
		text, arg = `select home, ended as at from visits where code = $1`, what.Code
	case what.Session != wire.SessionID{}:
		text, arg = `select home, ended as at from visits where id = $1`, what.Session[:]
	}
	var found lobby.Whereabouts
	err := s.view(ctx, "finding a broker", func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		var home []byte
		var until int64
		err = tx.row(`select f.home, coalesce(n.address, ''), coalesce(n.until, 0) from (`+text+`) f
			left join nodes n on n.id = f.home order by f.at desc limit 1`, arg).Scan(&home, &found.Address, &until)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		found.Known = true
		copy(found.Home[:], home)
		if until <= now && s.engine.shared() {
			found.Address = ""
		}
		return err
	})
	if err != nil {
		return lobby.Whereabouts{}, err
	}
	return found, nil
}

// VisitOf is the visit of a page, whichever broker has it; of several the one
// that goes on, or the last.
func (s *Store) VisitOf(ctx context.Context, page [32]byte) (lobby.Visit, bool, error) {
	all, err := list(ctx, s.engine.reader(), scanVisit, `select id, page, ticket, record from visits where page = $1
		order by case when ended = 0 then 0 else 1 end, ended desc limit 1`, page[:])
	if err != nil {
		return lobby.Visit{}, false, fmt.Errorf("finding the visit of a page: %w", err)
	}
	if len(all) == 0 {
		return lobby.Visit{}, false, nil
	}
	return all[0], true, nil
}
