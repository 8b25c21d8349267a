package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"
)

//go:embed *.sql
var migrations embed.FS

const migrationsTable = `create table if not exists migrations (number integer primary key, applied bigint not null)`

// migrate brings the schema up to this program's: each numbered file once, in
// a transaction of its own.
func (s *Store) migrate(ctx context.Context) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		_, err := tx.exec(s.engine.spell(migrationsTable))
		return err
	})
	if err != nil {
		return fmt.Errorf("making the table of migrations: %w", err)
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
		if err := s.migrateOne(ctx, i+1, s.engine.spell(string(text))); err != nil {
			return fmt.Errorf("applying %s: %w", file, err)
		}
	}
	var newest int
	if err := s.engine.reader().QueryRowContext(ctx, `select coalesce(max(number), 0) from migrations`).Scan(&newest); err != nil {
		return fmt.Errorf("reading the schema's number: %w", err)
	}
	if newest > len(files) {
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewer, newest, len(files))
	}
	return nil
}

func (s *Store) migrateOne(ctx context.Context, number int, text string) error {
	return s.engine.write(ctx, func(tx *Tx) error {
		var done bool
		const asked = `select exists (select 1 from migrations where number >= $1)`
		if err := tx.row(asked, number).Scan(&done); err != nil || done {
			return err
		}
		for _, statement := range statements(text) {
			if _, err := tx.exec(statement); err != nil {
				return err
			}
		}
		_, err := tx.exec(`insert into migrations (number, applied) values ($1, $2)`, number, micros(time.Now()))
		return err
	})
}
