// Package store keeps what the broker must not forget, in one SQLite file. It
// is the only package that knows the engine.
//
// A method that returns nil has written to the disk: neither a killed process
// nor a power cut takes it back. Every write names its row by an id that its
// caller chose, so saying it again after a doubtful failure is harmless. The
// administrator's commands open the same file while the broker runs.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // also the driver "sqlite"
)

// Errors a caller can branch on.
var (
	// ErrNothingKept: the folder has no store, and only Open makes one.
	ErrNothingKept = errors.New("store: nothing is kept here")
	// ErrNewer: the file was written by a newer broker.
	ErrNewer = errors.New("store: written by a newer broker")
)

const (
	fileName = "broker.db"

	// busy is how long a write waits for another process's. An administrator's
	// command holds the file for milliseconds.
	busy = 5 * time.Second

	// readers run beside the one writer.
	readers = 4

	sqliteBusy = 5 // SQLITE_BUSY, https://sqlite.org/rescode.html
	lockPause  = 20 * time.Millisecond
)

//go:embed *.sql
var migrations embed.FS

// Store is an open store. Its methods may be called from any goroutine.
type Store struct {
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB
}

// Open opens the store in the folder dir and makes both when they are missing,
// for this user's eyes only. Errors: ErrNewer, and those of the file system.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	// SQLite gives its side files the mode of this one.
	f, err := os.OpenFile(filepath.Join(dir, fileName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("making the store: %w", err)
	}
	return open(ctx, dir)
}

// OpenKept opens a store that is there already. Errors: ErrNothingKept,
// ErrNewer, and those of the file system.
func OpenKept(ctx context.Context, dir string) (*Store, error) {
	if _, err := os.Stat(filepath.Join(dir, fileName)); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNothingKept
	} else if err != nil {
		return nil, fmt.Errorf("looking for the store: %w", err)
	}
	return open(ctx, dir)
}

func open(ctx context.Context, dir string) (*Store, error) {
	path := filepath.Join(dir, fileName)
	s := &Store{}
	var err error
	// FULL, because NORMAL loses acknowledged writes at a power cut.
	if s.write, err = sql.Open("sqlite", source(path, "journal_mode(wal)", "synchronous(full)", "foreign_keys(on)")); err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", source(path, "query_only(on)")); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store: %w", err), s.Close())
	}
	s.read.SetMaxOpenConns(readers)
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func source(path string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()))
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}
	return u.String()
}

// Close writes the journal back and lets the file go.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the store: %w", err)
	}
	return nil
}

// migrate brings the schema up to this program's: each numbered file once, in
// a transaction of its own.
func (s *Store) migrate(ctx context.Context) error {
	if err := s.first(ctx); err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	files, err := fs.Glob(migrations, "*.sql") // sorted by name, which starts with the number
	if err != nil {
		return fmt.Errorf("listing migrations: %w", err)
	}
	for i, file := range files {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		if err := s.migrateOne(ctx, i+1, string(text)); err != nil {
			return fmt.Errorf("applying %s: %w", file, err)
		}
	}
	var newest int
	if err := s.write.QueryRowContext(ctx, `select coalesce(max(number), 0) from migrations`).Scan(&newest); err != nil {
		return fmt.Errorf("reading the schema's number: %w", err)
	}
	if newest > len(files) {
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewer, newest, len(files))
	}
	return nil
}

// first makes the first connection and the table of migrations. When two
// processes open a new file at once, one of them is told that it is locked,
// whatever the busy timeout says: SQLite does not wait while it changes the
// journal's mode. So it tries again.
func (s *Store) first(ctx context.Context) error {
	const table = `create table if not exists migrations (number integer primary key, applied bigint not null)`
	ctx, cancel := context.WithTimeout(ctx, busy)
	defer cancel()
	for {
		_, err := s.write.ExecContext(ctx, table)
		var e *sqlite.Error
		if !errors.As(err, &e) || e.Code()&0xff != sqliteBusy {
			return err
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return err
		}
	}
}

func (s *Store) migrateOne(ctx context.Context, number int, text string) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		var done bool
		const asked = `select exists (select 1 from migrations where number >= $1)`
		if err := tx.QueryRowContext(ctx, asked, number).Scan(&done); err != nil || done {
			return err
		}
		for statement := range strings.SplitSeq(text, ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `insert into migrations (number, applied) values ($1, $2)`,
			number, micros(time.Now()))
		return err
	})
}

// transact runs do in one transaction, which is on the disk when it returns nil.
func (s *Store) transact(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // the first error tells more
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// Setting gives a value that SetSetting kept, nil when there is none.
func (s *Store) Setting(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := s.read.QueryRowContext(ctx, `select value from settings where name = $1`, name).Scan(&value)
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
	const text = `insert into settings (name, value) values ($1, $2)
		on conflict (name) do update set value = excluded.value`
	if _, err := s.write.ExecContext(ctx, text, name, value); err != nil {
		return fmt.Errorf("keeping setting %s: %w", name, err)
	}
	return nil
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
