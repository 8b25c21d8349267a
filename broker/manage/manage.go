// Package manage is the administration's pages about portals, policies and
// settings (rows A01, A03, P01 to P08, W01 to W08, E02), and the same for other
// programs under /api/v1. Each form is plain HTML that works without a script.
// Who is logged in, and whether they may be here, package admin has seen to.
//
// Two administrators may work at the same time: a form carries the version of
// the settings that it was made from. What others changed meanwhile elsewhere
// stays; what they changed in the same place is shown before it is replaced.
package manage

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
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
	Organisation(context.Context) (people.Organisation, error)
	Recipients(context.Context) ([]record.Recipient, error)
	AddToken(context.Context, people.Token) error
	Token(ctx context.Context, hash people.Hash, now time.Time) (people.Token, error)
	Tokens(context.Context) ([]people.Token, error)
	RevokeToken(ctx context.Context, by, id uint64, now time.Time) error
}

// Config is what the pages work with.
type Config struct {
	Store Store
	// Seal makes what must not be read in the store unreadable.
	Seal func(secret []byte) []byte
	// Changed is called when settings were changed here; may be nil.
	Changed func()
	Log     *slog.Logger
	Now     func() time.Time
}

// Manage serves the pages. Its methods may be called from any goroutine.
type Manage struct{ Config }

// New makes the pages.
func New(c Config) *Manage { return &Manage{c} }

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
			"/login/portals/{id}/{sheet}/": web.Missing,
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
	err := m.Store.SetSettings(r.Context(), web.WhoOf(r.Context()).Rep, s.version, next, m.Now())
	var wrong settings.Wrongs
	switch {
	case err == nil:
		if m.Changed != nil {
			m.Changed()
		}
		return nil
	case errors.As(err, &wrong):
		return wrong
	case errors.Is(err, settings.ErrChanged):
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

// repName is what colleagues call a rep.
func repName(o people.Organisation, id uint64) string {
	r, ok := o.Reps[id]
	switch {
	case !ok:
		return say(words.ManageGoneRep, id)
	case r.PrivateName != "":
		return r.PrivateName
	}
	return r.PublicName
}

// sortedReps are those who are not disabled, by name.
func sortedReps(o people.Organisation) []people.Rep {
	var all []people.Rep
	for _, r := range o.Reps {
		if !r.Disabled {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b people.Rep) int { return strings.Compare(repName(o, a.ID), repName(o, b.ID)) })
	return all
}

func sortedTeams(o people.Organisation) []people.Team {
	var all []people.Team
	for _, t := range o.Teams {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b people.Team) int { return strings.Compare(a.Name, b.Name) })
	return all
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
		return strings.Compare(a.Name, b.Name)
	})
	return all
}
