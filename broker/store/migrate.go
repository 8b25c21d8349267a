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
	if err := s.engine.write(ctx, s.prepare); err != nil {
		return fmt.Errorf("making the table of migrations: %w", err)
	}
	for i, text := range schema() {
		if err := s.engine.write(ctx, func(tx *Tx) error { return s.migrateOne(tx, i+1, text) }); err != nil {
			return fmt.Errorf("bringing the schema to number %d: %w", i+1, err)
		}
	}
	var newest int
	if err := s.engine.reader().QueryRowContext(ctx, `select coalesce(max(number), 0) from migrations`).Scan(&newest); err != nil {
		return fmt.Errorf("reading the schema's number: %w", err)
	}
	return known(newest)
}

// upTo brings an empty store's schema to a number, within a transaction.
func (s *Store) upTo(tx *Tx, number int) error {
	if err := known(number); err != nil {
		return err
	}
	if err := s.prepare(tx); err != nil {
		return err
	}
	for i, text := range schema()[:number] {
		if err := s.migrateOne(tx, i+1, text); err != nil {
			return fmt.Errorf("bringing the schema to number %d: %w", i+1, err)
		}
	}
	return nil
}

func known(number int) error {
	if n := len(schema()); number > n {
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewer, number, n)
	}
	return nil
}

// schema is the text of all migrations, in order.
func schema() []string {
	files, err := fs.Glob(migrations, "*.sql") // sorted by name, which starts with the number
	if err != nil {
		panic(err) // the pattern is a constant
	}
	texts := make([]string, len(files))
	for i, file := range files {
		text, err := migrations.ReadFile(file)
		if err != nil {
			panic(err) // it is in the program
		}
		texts[i] = string(text)
	}
	return texts
}

func (s *Store) prepare(tx *Tx) error {
	_, err := tx.exec(s.engine.spell(migrationsTable))
	return err
}

// migrateOne applies one migration unless it is there.
func (s *Store) migrateOne(tx *Tx, number int, text string) error {
	var done bool
	const asked = `select exists (select 1 from migrations where number >= $1)`
	if err := tx.row(asked, number).Scan(&done); err != nil || done {
		return err
	}
	for _, statement := range statements(s.engine.spell(text)) {
		if _, err := tx.exec(statement); err != nil {
			return err
		}
	}
	if err := s.engine.loaded(tx); err != nil { // it may have moved rows to new tables
		return err
	}
	_, err := tx.exec(`insert into migrations (number, applied) values ($1, $2)`, number, micros(time.Now()))
	return err
}
