package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// Files are small things that all brokers of an organisation share and that
// another library names: certificates and what goes with them. A name is a
// path with slashes; a folder is there while a file is in it.

// File is what is known of a file.
type File struct {
	Name     string
	Size     int
	Modified time.Time
}

// KeepFile keeps a file in place of what was kept under that name.
func (s *Store) KeepFile(ctx context.Context, name string, content []byte) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		_, err = tx.exec(`insert into files (name, content, modified) values ($1, $2, $3)
			on conflict (name) do update set content = excluded.content, modified = excluded.modified`, name, content, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping the file %s: %w", name, err)
	}
	return nil
}

// FileContent gives what is in a file, or fs.ErrNotExist.
func (s *Store) FileContent(ctx context.Context, name string) ([]byte, error) {
	var content []byte
	err := s.engine.reader().QueryRowContext(ctx, `select content from files where name = $1`, name).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("reading the file %s: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the file %s: %w", name, err)
	}
	return content, nil
}

// Files lists a file, or all those in a folder and below it, by name. An empty
// name is the folder of all.
func (s *Store) Files(ctx context.Context, name string) ([]File, error) {
	below := escaped(name) + "/%"
	if name == "" {
		below = "%"
	}
	return list(ctx, s.engine.reader(), func(rows *sql.Rows) (f File, err error) {
		var modified int64
		err = rows.Scan(&f.Name, &f.Size, &modified)
		f.Modified = moment(modified)
		return f, err
	}, `select name, length(content), modified from files where name = $1 or name like $2 escape '\' order by name`, name, below)
}

// DropFiles takes a file away, or a folder and all that is in it. Once more is
// harmless.
func (s *Store) DropFiles(ctx context.Context, name string) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`delete from files where name = $1 or name like $2 escape '\'`, name, escaped(name)+"/%")
		return err
	})
	if err != nil {
		return fmt.Errorf("dropping the file %s: %w", name, err)
	}
	return nil
}

// escaped is text as a pattern of like that only this text fits.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// Lease asks for something that only one may do at a time, for so long. It is
// granted if nobody has it, if the one who has it let it run out, or to the
// same owner again.
func (s *Store) Lease(ctx context.Context, name string, owner []byte, life time.Duration) (granted bool, err error) {
	err = s.engine.write(ctx, func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		n, err := tx.exec(`insert into leases (name, owner, until) values ($1, $2, $3)
			on conflict (name) do update set owner = excluded.owner, until = excluded.until
			where leases.owner = excluded.owner or leases.until <= $4`, name, owner, now+life.Microseconds(), now)
		granted = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("asking for the lease %s: %w", name, err)
	}
	return granted, nil
}

// EndLease gives a lease back. Another one's stays.
func (s *Store) EndLease(ctx context.Context, name string, owner []byte) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`delete from leases where name = $1 and owner = $2`, name, owner)
		return err
	})
	if err != nil {
		return fmt.Errorf("giving the lease %s back: %w", name, err)
	}
	return nil
}

// Ready says whether the store takes writes now.
func (s *Store) Ready(ctx context.Context) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		now, err := s.engine.clock(tx)
		if err != nil {
			return err
		}
		_, err = tx.exec(`insert into leases (name, owner, until) values ($1, $2, $3)
			on conflict (name) do update set until = excluded.until`, "ready", []byte{}, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("trying to write: %w", err)
	}
	return nil
}
