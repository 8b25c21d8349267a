package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// engine is the database behind a store: SQLite inside this process, or
// PostgreSQL beside it. One SQL text serves both, in the part of the language
// that they share: parameters are $1, $2 …, bytes and times are spelled as in
// the migrations.
type engine interface {
	// write runs do in a transaction that nothing else seems to run beside,
	// and returns when it is on the disk. It may run do again.
	write(ctx context.Context, do func(*Tx) error) error
	// reader answers questions beside the writers.
	reader() *sql.DB
	// spell turns a migration's text into the engine's.
	spell(text string) string
	// patient lets a write wait for what it needs from elsewhere, although others
	// may wait for it.
	patient(*Tx) error
	// loaded has the ids that the engine gives go on after those in the tables.
	loaded(*Tx) error
	// clock is the time by which leases are granted, in microseconds: one clock
	// for all who share the database.
	clock(*Tx) (int64, error)
	// shared says whether several brokers may use it at the same time.
	shared() bool
	// hints is where hints of all processes are heard.
	hints() *bell
	// aside spells a column in a condition for which no index is looked for: that
	// of another one leaves fewer rows.
	aside(column string) string
	// noTable says whether an error means that there is no such table.
	noTable(error) bool
	Close() error
}

// Tx is a transaction under way.
type Tx struct {
	ctx   context.Context
	tx    *sql.Tx
	hints bool   // one is to follow
	token uint64 // of the program that acts for a rep; 0: none
}

// exec runs a statement and gives the number of rows it changed.
func (t *Tx) exec(text string, args ...any) (int64, error) {
	done, err := t.tx.ExecContext(t.ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// row asks for one row.
func (t *Tx) row(text string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(t.ctx, text, args...)
}

// querier is what list reads from: the reader, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list reads all rows of a query.
func list[T any](ctx context.Context, from querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("listing: %w", err)
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	return found, nil
}

// statements are the statements of a migration.
func statements(text string) []string {
	var all []string
	for s := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(s) != "" {
			all = append(all, s)
		}
	}
	return all
}
