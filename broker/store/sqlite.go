package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite" // also the driver "sqlite"
)

const (
	fileName = "broker.db"

	// busy is how long a write waits for another process's. An administrator's
	// command holds the file for milliseconds.
	busy = 5 * time.Second

	// readers run beside the one writer.
	readers = 4

	// https://sqlite.org/rescode.html
	sqliteBusy    = 5
	sqliteCorrupt = 11
	sqliteNotADB  = 26

	lockPause = 20 * time.Millisecond

	// group is how many writes share one transaction at most. Each transaction
	// costs a sync of the disk, 2 to 3 ms, and so one write almost as much as
	// all that came meanwhile.
	group = 256
)

// sqliteEngine is a file in the broker's data folder. One goroutine writes.
type sqliteEngine struct {
	writes *sql.DB // one connection: SQLite has one writer
	reads  *sql.DB

	jobs    chan *job
	stop    chan struct{}
	stopped sync.WaitGroup
	groups  atomic.Uint64 // transactions committed
	bell    *bell
}

// job is one write that waits for its turn.
type job struct {
	ctx  context.Context
	do   func(*Tx) error
	err  error
	done chan struct{} // closed after err is set
}

// Broken says whether an error means that the SQLite file is damaged.
func Broken(err error) bool {
	var told *sqlite.Error
	return errors.As(err, &told) && (told.Code()&0xff == sqliteCorrupt || told.Code()&0xff == sqliteNotADB)
}

// createSQLite makes the file where it is missing, for this user's eyes only.
func createSQLite(dir string) error {
	// SQLite gives its side files the mode of this one.
	f, err := os.OpenFile(filepath.Join(dir, fileName), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("making the store: %w", err)
	}
	return nil
}

// keptSQLite says ErrNothingKept where there is no file.
func keptSQLite(dir string) error {
	_, err := os.Stat(filepath.Join(dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNothingKept
	}
	return err
}

func openSQLite(ctx context.Context, dir string) (*sqliteEngine, error) {
	path := filepath.Join(dir, fileName)
	e := &sqliteEngine{jobs: make(chan *job), stop: make(chan struct{}), bell: newBell()}
	var err error
	// FULL, because NORMAL loses acknowledged writes at a power cut.
	if e.writes, err = sql.Open("sqlite", source(path, "immediate", "journal_mode(wal)", "synchronous(full)", "foreign_keys(on)")); err != nil {
		return nil, err
	}
	e.writes.SetMaxOpenConns(1)
	if e.reads, err = sql.Open("sqlite", source(path, "deferred", "query_only(on)")); err == nil {
		e.reads.SetMaxOpenConns(readers)
		err = e.first(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	e.stopped.Go(e.run)
	return e, nil
}

func source(path, lock string, pragmas ...string) string {
	q := url.Values{"_txlock": {lock}}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()))
	q.Add("_pragma", "temp_store(memory)") // there may be no other place to write than the data folder
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}
	return u.String()
}

// first makes the first connection. When two processes open a new file at
// once, one of them is told that it is locked, whatever the busy timeout says:
// SQLite does not wait while it changes the journal's mode. So it tries again.
func (e *sqliteEngine) first(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, busy)
	defer cancel()
	for {
		_, err := e.writes.ExecContext(ctx, migrationsTable)
		var told *sqlite.Error
		if !errors.As(err, &told) || told.Code()&0xff != sqliteBusy {
			return err
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return err
		}
	}
}

// Close writes the journal back and lets the file go. A write that waits is
// done whole, or fails with errClosed.
func (e *sqliteEngine) Close() error {
	close(e.stop)
	e.stopped.Wait()
	return e.close()
}

func (e *sqliteEngine) close() error {
	var errs []error
	for _, db := range []*sql.DB{e.reads, e.writes} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

func (e *sqliteEngine) reader() *sql.DB          { return e.reads }
func (e *sqliteEngine) spell(text string) string { return text }
func (e *sqliteEngine) patient(*Tx) error        { return nil } // it is alone
func (e *sqliteEngine) loaded(*Tx) error         { return nil } // it looks for the highest each time

// clock is this machine's: nobody else shares the file.
func (e *sqliteEngine) clock(*Tx) (int64, error) { return micros(time.Now()), nil }

func (e *sqliteEngine) shared() bool { return false }
func (e *sqliteEngine) hints() *bell { return e.bell }

// aside: it knows nothing of how often a value is in a column, and takes any
// (https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_).
func (e *sqliteEngine) aside(column string) string { return "+" + column }

// noTable: the first connection makes the table that is asked about.
func (e *sqliteEngine) noTable(error) bool { return false }

// write queues do for the next transaction.
func (e *sqliteEngine) write(ctx context.Context, do func(*Tx) error) error {
	j := &job{ctx: ctx, do: do, done: make(chan struct{})}
	select {
	case e.jobs <- j:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-e.stop:
		return errClosed
	}
	<-j.done // it is being written: to walk away now would leave it in doubt
	return j.err
}

// run writes until the store is closed.
func (e *sqliteEngine) run() {
	for {
		select {
		case j := <-e.jobs:
			e.commit(e.gather(j))
		case <-e.stop:
			return
		}
	}
}

// gather takes what waits already.
func (e *sqliteEngine) gather(first *job) []*job {
	all := []*job{first}
	for len(all) < group {
		select {
		case j := <-e.jobs:
			all = append(all, j)
		default:
			return all
		}
	}
	return all
}

// commit writes all jobs in one transaction. A job that fails is taken back
// alone; if the transaction fails, all of them have.
func (e *sqliteEngine) commit(all []*job) {
	err := e.together(all)
	for _, j := range all {
		if err != nil {
			j.err = errors.Join(err, j.err)
		}
		close(j.done)
	}
}

func (e *sqliteEngine) together(all []*job) error {
	// No job's context: an interrupted statement would take the whole
	// transaction back (https://sqlite.org/c3ref/interrupt.html).
	ctx := context.Background()
	tx, err := e.writes.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	t := &Tx{ctx: ctx, tx: tx}
	for _, j := range all {
		if j.err = context.Cause(j.ctx); j.err != nil {
			continue
		}
		if err = apart(t, j); err != nil {
			break
		}
	}
	if err == nil {
		err = t.countHint()
	}
	if err != nil {
		_ = tx.Rollback() // the first error tells more
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	e.groups.Add(1)
	if t.hints {
		e.bell.ring()
	}
	return nil
}

// apart does one job behind a savepoint. Its error is the transaction's: some
// failures, such as a full disk, have taken all of it back already.
func apart(t *Tx, j *job) error {
	if _, err := t.exec(`savepoint job`); err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	if j.err = j.do(t); j.err != nil {
		if _, err := t.exec(`rollback to job`); err != nil {
			return fmt.Errorf("taking back: %w", err)
		}
	}
	if _, err := t.exec(`release job`); err != nil {
		return fmt.Errorf("ending: %w", err)
	}
	return nil
}
