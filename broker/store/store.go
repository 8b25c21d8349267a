// Package store keeps what the broker must not forget: in one SQLite file, or
// in a PostgreSQL database that several brokers may share. It is the only
// package that knows the engine.
//
// A method that returns nil has written to the disk: neither a killed process
// nor a power cut takes it back. Every write names its row by an id that its
// caller chose, so saying it again after a doubtful failure is harmless. The
// administrator's commands open the same store while the broker runs.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// Errors a caller can branch on.
var (
	// ErrNothingKept: there is no store at this place, and only Open makes one.
	ErrNothingKept = errors.New("store: nothing is kept here")
	// ErrNewer: the store was written by a newer broker.
	ErrNewer = errors.New("store: written by a newer broker")
	// ErrAddress: the database's address can't be understood.
	ErrAddress = errors.New("store: not the address of a database")
	// ErrLetters: the database keeps the letters of some languages only.
	ErrLetters = errors.New("store: the database's encoding is not UTF8")
	// ErrAway: the database does not answer, or lets nobody in.
	ErrAway = errors.New("store: the database can't be reached")

	errClosed = errors.New("store: closed")
)

// Place is where a store is.
type Place struct {
	Dir      string // the broker's data folder, which holds the SQLite file
	Database string // address of a PostgreSQL database, in its stead; may hold a password
}

// create makes the data folder, for this user's eyes only, and in it what an
// engine needs.
func (p Place) create() error {
	if p.Dir != "" {
		if err := os.MkdirAll(p.Dir, 0o700); err != nil {
			return fmt.Errorf("making the data folder: %w", err)
		}
	}
	if p.Database != "" {
		return nil
	}
	return createSQLite(p.Dir)
}

// Store is an open store. Its methods may be called from any goroutine.
type Store struct{ engine engine }

// Open opens the store and makes it, and the data folder, where they are
// missing. Errors: ErrNewer, ErrAddress, ErrAway, ErrLetters, and
// those of the file system; see also Broken.
func Open(ctx context.Context, p Place) (*Store, error) {
	if err := p.create(); err != nil {
		return nil, err
	}
	s, err := connect(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.migrated(ctx)
}

// OpenKept opens a store that is there already; else its error is
// ErrNothingKept.
func OpenKept(ctx context.Context, p Place) (*Store, error) {
	s, err := openUsed(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.migrated(ctx)
}

// Peek gives one setting of a store that is there already, and changes nothing
// in it: it may be another version's. Its errors are OpenKept's.
func Peek(ctx context.Context, p Place, setting string) (value []byte, err error) {
	s, err := openUsed(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Setting(ctx, setting)
}

// openUsed opens a store that has been a broker's, of whatever version.
func openUsed(ctx context.Context, p Place) (*Store, error) {
	if p.Database == "" {
		if err := keptSQLite(p.Dir); err != nil {
			return nil, fmt.Errorf("looking for the store: %w", err)
		}
	}
	s, err := connect(ctx, p)
	if err != nil {
		return nil, err
	}
	used, err := s.used(ctx)
	if err == nil && !used {
		err = ErrNothingKept
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// used says whether the store has ever been a broker's.
func (s *Store) used(ctx context.Context) (bool, error) {
	var used bool
	err := s.engine.reader().QueryRowContext(ctx, `select exists (select 1 from migrations)`).Scan(&used)
	if err != nil && !s.engine.noTable(err) {
		return false, fmt.Errorf("looking into the store: %w", err)
	}
	return used, nil
}

func connect(ctx context.Context, p Place) (*Store, error) {
	var e engine
	var err error
	if p.Database != "" {
		e, err = openPostgres(ctx, p.Database)
	} else {
		e, err = openSQLite(ctx, p.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return &Store{engine: e}, nil
}

func (s *Store) migrated(ctx context.Context) (*Store, error) {
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close lets the store go.
func (s *Store) Close() error {
	if err := s.engine.Close(); err != nil {
		return fmt.Errorf("closing the store: %w", err)
	}
	return nil
}

// Setting gives a value that SetSetting kept, nil when there is none.
func (s *Store) Setting(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := s.engine.reader().QueryRowContext(ctx, `select value from settings where name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading setting %s: %w", name, err)
	}
	return value, nil
}

// SetSetting keeps a value in place of what was kept under that name.
func (s *Store) SetSetting(ctx context.Context, name string, value []byte) error {
	err := s.engine.write(ctx, func(tx *Tx) error { return setSetting(tx, name, value) })
	if err != nil {
		return fmt.Errorf("keeping setting %s: %w", name, err)
	}
	return nil
}

func setSetting(tx *Tx, name string, value []byte) error {
	_, err := tx.exec(`insert into settings (name, value) values ($1, $2)
		on conflict (name) do update set value = excluded.value`, name, value)
	return err
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
