// Package manage is the administration's pages about portals, policies and
// settings (rows A01, A03, P01 to P08, W01 to W08, E02, T01), and the same for other
// programs under /api/v1. Each form is plain HTML that works without a script.
// Who is logged in, and whether they may be here, package admin has seen to.
//
// Two administrators may work at the same time: a form carries the version of
// the settings that it was made from. What others changed meanwhile elsewhere
// stays; what they changed in the same place is shown before it is replaced.
package manage

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"handrail/broker/people"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// Store keeps what is managed. See package store.
type Store interface {
	Settings(context.Context) (settings.Settings, uint64, error)
	SettingsVersion(context.Context) (uint64, error)
	SettingsAt(ctx context.Context, version uint64) (settings.Settings, error)
	SettingsHistory(ctx context.Context, limit int) ([]settings.Version, error)
	SetSettings(ctx context.Context, by, version uint64, s settings.Settings, now time.Time) error
	SetFile(ctx context.Context, by, version uint64, s settings.Settings, seen people.Hash, staff people.Staff, now time.Time) error
	SetStaff(ctx context.Context, by people.Asker, seen people.Hash, staff people.Staff, now time.Time) error
	Organisation(context.Context) (people.Organisation, error)
	Recipients(context.Context) ([]record.Recipient, error)
	Spend(ctx context.Context, what people.Hash, expires time.Time) error
	AddToken(context.Context, people.Token) error
	Token(ctx context.Context, hash people.Hash, now time.Time) (people.Token, error)
	Tokens(context.Context) ([]people.Token, error)
	RevokeToken(ctx context.Context, by, id uint64, now time.Time) error
	// ByToken is a context in which the audit log tells of a token.
	ByToken(ctx context.Context, token uint64) context.Context
}

// Config is what the pages work with.
type Config struct {
	Store Store
	// Seal makes what must not be read in the store unreadable.
	Seal func(secret []byte) []byte
	// Sealing tells how it stands with what is kept sealed; nil: there is no key.
	Sealing func(context.Context) (Sealing, error)
	// Changed is called when settings were changed here; may be nil.
	Changed func()
	Log     *slog.Logger
	Now     func() time.Time
}

// Manage serves the pages. Its methods may be called from any goroutine.
type Manage struct{ Config }

// New makes the pages.
func New(c Config) *Manage {
	if c.Changed == nil {
		c.Changed = func() {}
	}
	return &Manage{c}
}

//go:embed *.html static
var files embed.FS

var (
	pages  = web.Parse(files, "*.html")
	static = web.NewFiles(settingsPath+"/static/", files)
)

// Protect lets those with a permission through to a handler.
type Protect func(people.Permission, http.Handler) http.Handler

// Handler serves everything under /login/portals, /login/policies and
// /login/settings.
func (m *Manage) Handler(protect Protect) http.Handler {
	mux := http.NewServeMux()
	for permission, routes := range map[people.Permission]map[string]http.HandlerFunc{
		people.EditPortals: {
			"/login/portals":               m.portals,
			"/login/portals/_new":          m.newPortal,
			"/login/portals/{id}":          m.portalSheet,
			"/login/portals/{id}/logo":     m.logo,
			"/login/portals/{id}/remove":   m.removePortal,
			"/login/portals/{id}/texts":    m.texts,
			"/login/portals/{id}/{sheet}":  m.portalSheet,
			"/login/portals/{id}/{sheet}/": missing,
		},
		people.EditPolicies: {
			"/login/policies":             m.policies,
			"/login/policies/outcome":     m.outcome,
			"/login/policies/{what}":      m.policy,
			"/login/policies/{what}/{id}": m.policy,
		},
		people.ExportSettings: {
			"/login/settings/file":              m.file,
			"/login/settings/export":            m.export,
			"/login/settings/history":           m.history,
			"/login/settings/history/{version}": m.version,
		},
		people.ImportSettings: {
			"/login/settings/organisation": m.organisation,
			"/login/settings/programs":     m.programs,
			"/login/settings/records":      m.records,
			"/login/settings/import":       m.importFile,
		},
		people.APITokens: {
			"/login/settings/tokens":             m.tokens,
			"/login/settings/tokens/new":         m.newToken,
			"/login/settings/tokens/{id}/revoke": m.revokeToken,
		},
	} {
		for path, h := range routes {
			mux.Handle(path, protect(permission, m.may(permission, h)))
		}
	}
	mux.Handle(static.Prefix(), static)
	mux.Handle("/login/settings", protect("", http.HandlerFunc(m.index)))
	return mux
}

// may refuses whoever has no permission for a page, even if a mistake in the
// wiring let them through to it.
func (m *Manage) may(p people.Permission, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !web.WhoOf(r.Context()).May[p] {
			web.Fail(w, r, http.StatusForbidden, words.ManageNotAllowed)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// state is what a request works with.
type state struct {
	settings.Settings
	version uint64
	people  people.Organisation
}

// load reads the settings and the people, or answers the request.
func (m *Manage) load(w http.ResponseWriter, r *http.Request) (state, bool) {
	set, version, err := m.Store.Settings(r.Context())
	if err == nil {
		var o people.Organisation
		if o, err = m.Store.Organisation(r.Context()); err == nil {
			return state{set, version, o}, true
		}
	}
	m.failed(w, r, err)
	return state{}, false
}

// failed answers where the store fails.
func (m *Manage) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		m.Log.Error("a page of the administration failed", "page", r.Pattern, "why", err)
	}
	web.Fail(w, r, http.StatusInternalServerError, words.PageBroken)
}

// missing answers where there is no such page, or none any more.
func missing(w http.ResponseWriter, r *http.Request) {
	web.Fail(w, r, http.StatusNotFound, words.AdminMissing)
}

// show answers with a page.
func (m *Manage) show(w http.ResponseWriter, r *http.Request, status int, p web.Page) {
	p.Set, p.Styles = pages, []string{static.URL("manage.css")}
	if p.Done == "" {
		p.Done = did(r)
	}
	web.Shell(w, r, status, p)
}

// say says a sentence. The administration is in English so far as words has no
// other language for it.
func say(s words.Sentence, args ...any) string { return words.Speaker{}.Say(s, args...) }

// did says what has just been done, by the word in the address that a page was
// left with.
func did(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	switch r.URL.Query().Get("did") {
	case "saved":
		return say(words.ManageSaved)
	case "same":
		return say(words.ManageSame)
	case "added":
		return say(words.ManageAdded)
	case "removed":
		return say(words.ManageRemoved)
	case "revoked":
		return say(words.ManageRevoked)
	}
	return ""
}

// to sends the browser on after something was done.
func to(w http.ResponseWriter, r *http.Request, path, did string) {
	if did != "" {
		sign := "?"
		if strings.Contains(path, "?") {
			sign = "&"
		}
		path += sign + "did=" + did
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// save keeps next in the place of the settings that s was read with. What came
// between, in settings that next does not touch, stays. It answers the request
// unless the error is one for the form: settings.Wrongs, or clash.
func (m *Manage) save(w http.ResponseWriter, r *http.Request, s state, next settings.Settings) error {
	if err := next.Refers(s.Settings, known(s.people)); err != nil {
		return err
	}
	return m.kept(w, r, m.Store.SetSettings(r.Context(), web.WhoOf(r.Context()).Rep, s.version, next, m.Now()))
}

// once lets a form through that is sent for the first time, as web.First does,
// and answers any other.
func (m *Manage) once(w http.ResponseWriter, r *http.Request, typed url.Values, in web.Section, where web.Link) bool {
	first, err := web.First(w, r, m.Store, typed, m.Now(), in, where)
	if err != nil {
		m.failed(w, r, err)
	}
	return first
}

// kept answers the request after something was to be kept, as save does.
func (m *Manage) kept(w http.ResponseWriter, r *http.Request, err error) error {
	err = settings.StaffWrongs(err, keyStaff)
	var wrong settings.Wrongs
	switch {
	case err == nil:
		m.Changed()
		return nil
	case errors.As(err, &wrong):
		return wrong
	case errors.Is(err, settings.ErrChanged), errors.Is(err, people.ErrChanged):
		return settings.ErrChanged
	case errors.Is(err, people.ErrNotAllowed):
		web.Fail(w, r, http.StatusForbidden, words.ManageNotAllowed)
	case errors.Is(err, people.ErrOwnRights):
		web.Fail(w, r, http.StatusForbidden, words.ManageOwnRights)
	default:
		m.failed(w, r, err)
	}
	return errAnswered
}

// errAnswered says that a request is answered already.
var errAnswered = errors.New("manage: answered")

// known tells settings whom there is.
func known(o people.Organisation) settings.Known {
	return settings.Known{
		Team: func(id uint64) bool { _, ok := o.Teams[id]; return ok },
		Rep:  func(id uint64) bool { _, ok := o.Reps[id]; return ok },
		Role: func(id string) bool { _, ok := o.Role(id); return ok },
	}
}

// repName is what colleagues call a rep, who may be gone.
func repName(o people.Organisation, id uint64) string {
	if r, ok := o.Reps[id]; ok {
		return r.Called()
	}
	return say(words.ManageGoneRep, id)
}

// working are the reps who are not disabled, by name.
func working(o people.Organisation) []people.Rep {
	return slices.DeleteFunc(o.RepsByName(), func(r people.Rep) bool { return r.Disabled })
}

func sortedPortals(s settings.Settings) []settings.Portal {
	var all []settings.Portal
	for _, p := range s.Portals {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b settings.Portal) int {
		if (a.ID == settings.Main) != (b.ID == settings.Main) {
			if a.ID == settings.Main {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return all
}
