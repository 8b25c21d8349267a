package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
)

// Names of the documents.
const (
	documentRest   = "organisation"
	documentPortal = "portal:" // and its ID
)

// Settings gives what the administrators decided last, and the number of that
// version for SetSettings; where they decided nothing yet, settings.Default and
// 0.
func (s *Store) Settings(ctx context.Context) (settings.Settings, uint64, error) {
	return s.settingsAt(ctx, 1<<62)
}

// SettingsAt gives the settings as they were in a version.
func (s *Store) SettingsAt(ctx context.Context, version uint64) (settings.Settings, error) {
	set, _, err := s.settingsAt(ctx, version)
	return set, err
}

func (s *Store) settingsAt(ctx context.Context, version uint64) (settings.Settings, uint64, error) {
	var set settings.Settings
	var found uint64
	err := s.view(ctx, "reading the settings", func(tx *Tx) (err error) {
		set, found, err = readSettings(tx.ctx, tx.tx, version)
		return err
	})
	return set, found, err
}

// SettingsVersion gives the number of the newest version. It is cheap: who
// keeps the settings in memory asks it to notice another process's change.
func (s *Store) SettingsVersion(ctx context.Context) (uint64, error) {
	var version uint64
	if err := s.engine.reader().QueryRowContext(ctx, `select coalesce(max(version), 0) from setting_versions`).Scan(&version); err != nil {
		return 0, fmt.Errorf("reading the settings' version: %w", err)
	}
	return version, nil
}

// SettingsHistory lists the versions, the newest first.
func (s *Store) SettingsHistory(ctx context.Context, limit int) ([]settings.Version, error) {
	return list(ctx, s.engine.reader(), func(r *sql.Rows) (v settings.Version, err error) {
		var at int64
		err = r.Scan(&v.Number, &at, &v.By)
		v.At = moment(at)
		return v, err
	}, `select version, at, by_rep from setting_versions order by version desc limit $1`, limit)
}

// maxNoted is how many settings the audit log names of one change; the versions
// hold them all.
const maxNoted = 100

// document is one as it is kept.
type document struct{ name, text string }

// keptPortal is a portal whose logo is kept beside it.
type keptPortal struct {
	settings.Portal
	Picture []byte `json:"picture,omitempty"` // its hash
}

func readSettings(ctx context.Context, from both, version uint64) (settings.Settings, uint64, error) {
	documents, found, err := readDocuments(ctx, from, version)
	if err != nil || found == 0 {
		if err != nil {
			return settings.Settings{}, 0, err
		}
		var name []byte
		err := from.QueryRowContext(ctx, `select value from settings where name = 'organisation'`).Scan(&name)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return settings.Settings{}, 0, err
		}
		return settings.Default(string(name)), 0, nil
	}
	var set settings.Settings
	for _, d := range documents {
		if d.name == documentRest {
			if err := json.Unmarshal([]byte(d.text), &set); err != nil {
				return settings.Settings{}, 0, fmt.Errorf("document %s: %w", d.name, err)
			}
		}
	}
	set.Portals = map[string]settings.Portal{}
	for _, d := range documents {
		id, is := strings.CutPrefix(d.name, documentPortal)
		if !is {
			continue
		}
		var k keptPortal
		if err := json.Unmarshal([]byte(d.text), &k); err != nil {
			return settings.Settings{}, 0, fmt.Errorf("document %s: %w", d.name, err)
		}
		if len(k.Picture) > 0 {
			if err := from.QueryRowContext(ctx, `select body from pictures where hash = $1`, k.Picture).Scan(&k.Look.Logo); err != nil {
				return settings.Settings{}, 0, fmt.Errorf("picture of %s: %w", d.name, err)
			}
		}
		set.Portals[id] = k.Portal
	}
	return set, found, nil
}

// readDocuments gives the documents as they were in a version, and its number.
func readDocuments(ctx context.Context, from both, version uint64) ([]document, uint64, error) {
	var found uint64
	if err := from.QueryRowContext(ctx, `select coalesce(max(version), 0) from setting_versions where version <= $1`, version).Scan(&found); err != nil {
		return nil, 0, err
	}
	documents, err := list(ctx, from, func(r *sql.Rows) (d document, err error) {
		return d, r.Scan(&d.name, &d.text)
	}, `select name, document from setting_documents d where document <> '' and version =
		(select max(version) from setting_documents where name = d.name and version <= $1) order by name`, found)
	return documents, found, err
}

// SetSettings puts settings in the place of version, for a rep (0: the local
// command). Errors: settings.ErrChanged when version is not the newest any
// more, settings.Wrongs (ErrBad), people.ErrNotAllowed, people.ErrOwnRights.
// What is the same already is left alone and makes no new version.
func (s *Store) SetSettings(ctx context.Context, by, version uint64, set settings.Settings, now time.Time) error {
	if err := set.Fit(now); err != nil {
		return err
	}
	return s.change(ctx, "changing settings", func(tx *Tx) error { return keptSettings(tx, by, version, set, now) })
}

func keptSettings(tx *Tx, by, version uint64, set settings.Settings, now time.Time) error {
	before, newest, err := readSettings(tx.ctx, tx.tx, 1<<62)
	if err != nil {
		return err
	}
	if newest != version {
		return settings.ErrChanged
	}
	if settings.Same(before, set) {
		return nil
	}
	if err := maySet(tx, by, before, set); err != nil {
		return err
	}
	return keepVersion(tx, by, "settings.change", version, before, set, now)
}

// keepVersion makes set the version after the newest, which is before.
func keepVersion(tx *Tx, by uint64, act string, version uint64, before, set settings.Settings, now time.Time) error {
	if _, err := tx.exec(`insert into setting_versions (version, at, by_rep) values ($1, $2, $3)`, version+1, micros(now), by); err != nil {
		return err
	}
	tx.hint()
	changed, err := keepDocuments(tx, version+1, set)
	if err != nil {
		return err
	}
	if err := settledRecords(tx, set); err != nil {
		return err
	}
	paths := settings.Paths(settings.Compare(before, set))
	return noted(tx, by, act, fmt.Sprintf("settings:%d", version+1), map[string]any{
		"documents": changed, "settings": paths[:min(len(paths), maxNoted)], "count": len(paths),
	}, now)
}

// maySet holds a rep to what it may change.
func maySet(tx *Tx, by uint64, before, after settings.Settings) error {
	if by == 0 {
		return nil
	}
	o, err := organisation(tx.ctx, tx.tx)
	if err != nil {
		return err
	}
	may := o.May(by)
	if !settings.Allowed(before, after, func(name string) bool { return may[people.Permission(name)] }) {
		return people.ErrNotAllowed
	}
	for _, id := range settings.GivenRoles(before, after) {
		if role, ok := o.Role(id); ok && !role.May.Within(may) {
			return people.ErrOwnRights
		}
	}
	return nil
}

// keepDocuments writes the documents that differ and gives their names.
func keepDocuments(tx *Tx, version uint64, set settings.Settings) ([]string, error) {
	after, err := documentsOf(tx, set)
	if err != nil {
		return nil, err
	}
	before, _, err := readDocuments(tx.ctx, tx.tx, version-1)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, d := range before {
		texts[d.name] = d.text
		if !slices.ContainsFunc(after, func(a document) bool { return a.name == d.name }) {
			after = append(after, document{d.name, ""})
		}
	}
	var changed []string
	for _, d := range after {
		if texts[d.name] == d.text {
			continue
		}
		changed = append(changed, d.name)
		if _, err := tx.exec(`insert into setting_documents (name, version, document) values ($1, $2, $3)`, d.name, version, d.text); err != nil {
			return nil, err
		}
	}
	slices.Sort(changed)
	return changed, nil
}

// documentsOf spells settings as they are kept, and keeps their pictures.
func documentsOf(tx *Tx, set settings.Settings) ([]document, error) {
	var all []document
	for id, p := range set.Portals {
		k := keptPortal{Portal: p}
		if len(p.Look.Logo) > 0 {
			hash := sha256.Sum256(p.Look.Logo)
			if _, err := tx.exec(`insert into pictures (hash, body) values ($1, $2) on conflict (hash) do nothing`, hash[:], p.Look.Logo); err != nil {
				return nil, err
			}
			k.Picture, k.Look.Logo = hash[:], nil
		}
		text, err := json.Marshal(k)
		if err != nil {
			return nil, fmt.Errorf("writing portal %s: %w", id, err)
		}
		all = append(all, document{documentPortal + id, string(text)})
	}
	set.Portals = nil
	text, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("writing settings: %w", err)
	}
	return append(all, document{documentRest, string(text)}), nil
}
