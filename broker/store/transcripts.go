package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

// Transcript gives what was said in a session, as far as it is kept: the parts
// of each rep in order. It is record.ErrNone when the session is not in the
// scope.
func (s *Store) Transcript(ctx context.Context, session wire.SessionID, scope record.Scope) ([]record.Part, error) {
	var parts []record.Part
	err := s.view(ctx, fmt.Sprintf("reading the transcript of %v", session), func(tx *Tx) error {
		q := oneOf(scope, session)
		var seen bool
		err := tx.row(`select exists (select 1 from records r`+q.where()+`)`, q.args...).Scan(&seen)
		if err == nil && !seen {
			err = record.ErrNone
		}
		if err != nil {
			return err
		}
		parts, err = list(tx.ctx, tx.tx, scanPart, `select rep, part, kept, entries, sealed from transcripts
			where session = $1 order by rep, part`, session[:])
		return err
	})
	return parts, err
}

// keepPart keeps a part of what was said. One that is there is kept already.
func keepPart(tx *Tx, p lobby.LogPart) error {
	entries, err := json.Marshal(p.Entries)
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into transcripts (session, rep, part, kept, entries, sealed) values ($1, $2, $3, $4, $5, $6)
		on conflict (session, rep, part) do nothing`,
		p.Session[:], int64(p.Rep), int64(p.Part), micros(p.At), string(entries), append([]byte{}, p.Sealed...))
	return err
}

func scanPart(rows *sql.Rows) (p record.Part, err error) {
	var kept int64
	var entries string
	if err := rows.Scan(&p.Rep, &p.Part, &kept, &entries, &p.Sealed); err != nil {
		return p, err
	}
	p.Kept = moment(kept)
	if len(p.Sealed) == 0 {
		p.Sealed = nil
	}
	return p, json.Unmarshal([]byte(entries), &p.Entries)
}
