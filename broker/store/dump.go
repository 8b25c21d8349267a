package store

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A dump is everything in a store as lines of JSON, the same from both
// engines: a header; then for each table a line with its name and columns, and
// a line for each row. It is how backups are made while the broker runs, and
// how a store moves from one engine to the other. Bytes are in base64.
//
//	{"handrail":"dump","schema":1}
//	{"table":"settings","columns":["name","value"],"bytes":[1]}
//	["organisation","R3LDvG5lciBad2VpZw=="]
//	{"end":1}

// Errors of Load.
var (
	// ErrNotEmpty: a dump is loaded into an empty place only.
	ErrNotEmpty = errors.New("store: the place is not empty")
	// ErrNoDump: what was read is not a whole dump.
	ErrNoDump = errors.New("store: not a whole dump")
)

// tables in an order in which every row finds what it refers to. A test holds
// the list to the schema.
var tables = []string{
	"settings", "nodes", "reps", "known", "consoles", "enrolments", "keys", "sessions", "visits", "waits", "teams", "members", "roles", "holders", "passwords",
	"totps", "passkeys", "recovery_codes", "logins", "attempts", "resets", "first_secrets", "api_tokens", "files", "leases",
	"audit", "audit_head", "pairs", "spent", "certificates", "grants",
	"records", "companies", "words", "named", "facts", "participants", "answers", "transcripts", "days", "recipients", "tellings", "outbox",
	"setting_versions", "setting_documents", "pictures", "hints",
}

const longestRow = 64 << 20 // bytes of one line

type header struct {
	Handrail string `json:"handrail,omitempty"`
	Schema   int    `json:"schema,omitempty"`

	Table   string   `json:"table,omitempty"`
	Columns []string `json:"columns,omitempty"`
	Bytes   []int    `json:"bytes,omitempty"` // which columns hold bytes

	End int `json:"end,omitempty"` // rows in all, and the last line
}

// Dump writes everything as it is at one moment, beside the writers.
func (s *Store) Dump(ctx context.Context, to io.Writer) error {
	return s.view(ctx, "writing a dump", func(tx *Tx) error {
		w := bufio.NewWriter(to)
		out := json.NewEncoder(w)
		h := header{Handrail: "dump"}
		if err := tx.row(`select max(number) from migrations`).Scan(&h.Schema); err != nil {
			return fmt.Errorf("reading the schema's number: %w", err)
		}
		if err := out.Encode(h); err != nil {
			return err
		}
		total := 1
		for _, table := range tables {
			n, err := dumpTable(tx.ctx, tx.tx, out, table)
			if err != nil {
				return fmt.Errorf("dumping %s: %w", table, err)
			}
			total += n
		}
		if err := out.Encode(header{End: total}); err != nil {
			return err
		}
		return w.Flush()
	})
}

func dumpTable(ctx context.Context, tx *sql.Tx, out *json.Encoder, table string) (int, error) {
	rows, err := tx.QueryContext(ctx, `select * from `+table)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	h := header{Table: table}
	if h.Columns, err = rows.Columns(); err != nil {
		return 0, err
	}
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	values, places := make([]any, len(kinds)), make([]any, len(kinds))
	for i, k := range kinds {
		places[i] = &values[i]
		if name := strings.ToLower(k.DatabaseTypeName()); name == "blob" || name == "bytea" {
			h.Bytes = append(h.Bytes, i)
		}
	}
	if err := out.Encode(h); err != nil {
		return 0, err
	}
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(places...); err != nil {
			return n, err
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok && b == nil {
				values[i] = []byte{} // no bytes, which is not nothing
			}
		}
		if err := out.Encode(values); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// Load makes a store at p of a dump, all of it or nothing, and together with it
// keeps a setting, if it has a name. The place must be empty: ErrNotEmpty. Other
// errors: ErrNoDump, ErrNewer and Open's.
func Load(ctx context.Context, p Place, from io.Reader, setting string, value []byte) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestRow)
	var h header
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &h) != nil || h.Handrail != "dump" || h.Schema < 1 {
		return errors.Join(ErrNoDump, lines.Err())
	}
	if err := p.create(); err != nil {
		return err
	}
	s, err := connect(ctx, p)
	if err != nil {
		return err
	}
	used, err := s.used(ctx)
	switch {
	case err != nil:
	case used:
		err = ErrNotEmpty
	default:
		err = s.load(ctx, h.Schema, lines, setting, value)
	}
	return errors.Join(err, s.Close())
}

// load fills an empty store whose schema is brought to the dump's first, and
// to this program's afterwards.
func (s *Store) load(ctx context.Context, schema int, lines *bufio.Scanner, setting string, value []byte) error {
	read := false
	err := s.engine.write(ctx, func(tx *Tx) error {
		if read { // lines come once
			return ErrAway
		}
		read = true
		if err := errors.Join(s.engine.patient(tx), s.upTo(tx, schema)); err != nil {
			return err
		}
		if err := loadRows(tx, lines); err != nil {
			return err
		}
		if setting != "" {
			if err := setSetting(tx, setting, value); err != nil {
				return err
			}
		}
		return s.engine.loaded(tx)
	})
	if err != nil {
		return fmt.Errorf("loading a dump: %w", err)
	}
	return s.migrate(ctx)
}

func loadRows(tx *Tx, lines *bufio.Scanner) error {
	total := 1
	var insert string
	var h header
	for lines.Scan() {
		line := lines.Bytes()
		if bytes.HasPrefix(line, []byte("{")) {
			h = header{}
			if err := json.Unmarshal(line, &h); err != nil {
				return errors.Join(ErrNoDump, err)
			}
			if h.End != 0 {
				if h.End != total || lines.Scan() {
					return ErrNoDump
				}
				return lines.Err()
			}
			var err error
			if insert, err = insertInto(h); err != nil {
				return err
			}
			continue
		}
		values, err := h.values(line)
		if err != nil {
			return err
		}
		if _, err := tx.exec(insert, values...); err != nil {
			return fmt.Errorf("a row of %s: %w", h.Table, err)
		}
		total++
	}
	return errors.Join(ErrNoDump, lines.Err()) // it has no end
}

// insertInto is the statement for a table's rows. Names come from the dump,
// and are believed only if they are plain.
func insertInto(h header) (string, error) {
	for _, name := range append([]string{h.Table}, h.Columns...) {
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
			return "", fmt.Errorf("%w: no name: %q", ErrNoDump, name)
		}
	}
	marks := make([]string, len(h.Columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return fmt.Sprintf(`insert into %s (%s) values (%s)`, h.Table, strings.Join(h.Columns, ", "), strings.Join(marks, ", ")), nil
}

// values reads a row.
func (h header) values(line []byte) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil || len(raw) != len(h.Columns) || h.Table == "" {
		return nil, errors.Join(ErrNoDump, err)
	}
	values := make([]any, len(raw))
	for i, r := range raw {
		text := string(r)
		var err error
		switch {
		case text == "null":
		case text == "true" || text == "false":
			values[i] = text == "true"
		case h.holdsBytes(i):
			var b []byte
			err = json.Unmarshal(r, &b)
			values[i] = b
		case text[0] == '"':
			var s string
			err = json.Unmarshal(r, &s)
			values[i] = s
		default:
			var n int64
			err = json.Unmarshal(r, &n)
			values[i] = n
		}
		if err != nil {
			return nil, errors.Join(ErrNoDump, err)
		}
	}
	return values, nil
}

func (h header) holdsBytes(column int) bool {
	return slices.Contains(h.Bytes, column)
}
