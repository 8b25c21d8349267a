package manage

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

const tokensPath = settingsPath + "/tokens"

// tokenPrefix lets whoever finds a token know what it is, and tools that look
// for leaked ones, too.
const tokenPrefix = "handrail_"

// tokensShown is the list of tokens.
type tokensShown struct {
	Tabs                                 []tab
	Rows                                 []tokenRow
	Name, May, Made, Seen, Until, Revoke string
	Empty                                string
}

type tokenRow struct{ Name, Number, May, Made, Seen, Until, State, Revoke string }

// tokens lists the tokens that let other programs in.
func (m *Manage) tokens(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	all, err := m.Store.Tokens(r.Context())
	if err != nil {
		m.failed(w, r, err)
		return
	}
	shown := tokensShown{
		Tabs: settingsTabs(r, "tokens"), Name: say(words.TokenName), May: say(words.TokenMay), Made: say(words.TokenMade), Seen: say(words.TokenSeen),
		Until: say(words.TokenUntil), Revoke: say(words.TokenRevoke), Empty: say(words.TokenNone),
	}
	now := m.Now()
	for _, t := range all {
		row := tokenRow{
			Name: t.Name, Number: say(words.TokenNumber, t.ID), May: listOf(t.May), Made: say(words.TokenMadeBy, day(t.Made), repName(s.people, t.Rep)),
			Seen: say(words.TokenNever), Until: say(words.TokenNoEnd), Revoke: tokensPath + "/" + digits(t.ID) + "/revoke",
		}
		if !t.Seen.IsZero() {
			row.Seen = day(t.Seen)
		}
		if !t.Expires.IsZero() {
			row.Until = day(t.Expires)
		}
		switch {
		case !t.Revoked.IsZero():
			row.State, row.Revoke = say(words.TokenRevoked, day(t.Revoked)), ""
		case !t.Expires.IsZero() && !now.Before(t.Expires):
			row.State, row.Revoke = say(words.TokenOver), ""
		}
		shown.Rows = append(shown.Rows, row)
	}
	m.show(w, r, http.StatusOK, web.Page{
		Title: say(words.ShellSettings), Section: web.Settings, Lead: say(words.TokenLead), Template: "tokens", Data: shown,
		Do: []web.Link{{Text: say(words.TokenNew), Path: tokensPath + "/new"}},
	})
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func listOf(s people.Set) string {
	var names []string
	for _, p := range s.List() {
		names = append(names, say(words.TokenPermission(string(p))))
	}
	return strings.Join(names, ", ")
}

// tokenPermissions are what programs can be let do: what the API has.
func tokenPermissions() []people.Permission {
	return []people.Permission{
		people.ExportSettings, people.ImportSettings, people.EditPortals, people.EditPolicies, people.ManagePeople, people.EditTeams, people.EditRoles,
	}
}

// newToken makes a token and shows it once.
func (m *Manage) newToken(w http.ResponseWriter, r *http.Request) {
	who, status, in, chosen := web.WhoOf(r.Context()), http.StatusOK, &input{}, people.Set{}
	if r.Method == http.MethodPost {
		var ok bool
		if in.typed, ok = web.ReadForm(w, r, maxForm); !ok {
			return
		}
		status = http.StatusUnprocessableEntity
		t := people.Token{Rep: who.Rep, Name: in.text("name"), May: chosen, Made: m.Now()}
		if n := len([]rune(t.Name)); n == 0 || n > people.MaxName {
			in.bad("name", words.TokenBadName, people.MaxName)
		}
		for _, p := range tokenPermissions() {
			if in.on("may." + string(p)) {
				chosen[p] = true
			}
		}
		if len(chosen) == 0 {
			in.bad("may."+string(tokenPermissions()[0]), words.TokenNothing)
		}
		if days := in.number("days", 1, 3650); days > 0 {
			t.Expires = t.Made.AddDate(0, 0, days)
		}
		if len(in.wrong) == 0 {
			if m.once(w, r, in.typed, web.Settings, web.Link{Text: say(words.TabTokens), Path: tokensPath}) {
				m.addToken(w, r, t)
			}
			return
		}
	} else if !web.Reads(w, r) {
		return
	}
	v := &view{typed: in.typed}
	name := hinted(v.field("name", words.TokenName, ""), words.TokenNameHint)
	name.Max = people.MaxName
	g := []group{{Fields: []web.Field{name, v.number("days", words.TokenDays, 365, words.TokenDaysHint)}}}
	for _, p := range tokenPermissions() {
		if who.May[p] {
			g[0].Fields = append(g[0].Fields, web.Field{
				Name: "may." + string(p), Label: say(words.TokenPermission(string(p))), Kind: "checkbox", On: chosen[p],
			})
		}
	}
	other := place(g, in.wrong, "")
	m.show(w, r, status, web.Page{
		Title: say(words.TokenNew), Section: web.Settings, Crumbs: []web.Link{{Text: say(words.TabTokens), Path: tokensPath}},
		Problem: strings.Join(other, " "), Template: "plain", Data: plainForm{
			Path: tokensPath + "/new", Once: true, Button: say(words.TokenMake), Back: tokensPath, Cancel: say(words.ManageCancel),
			Form: web.Check(say(words.ManagePleaseMend), g[0].Fields...), Fields: g[0].Fields,
		},
	})
}

func (m *Manage) addToken(w http.ResponseWriter, r *http.Request, t people.Token) {
	secret := newSecret(tokenPrefix)
	t.Hash = sha256.Sum256([]byte(secret))
	err := m.Store.AddToken(r.Context(), t)
	switch {
	case errors.Is(err, people.ErrNotAllowed), errors.Is(err, people.ErrOwnRights):
		web.Fail(w, r, http.StatusForbidden, words.ManageOwnRights)
	case err != nil:
		m.failed(w, r, err)
	default:
		m.show(w, r, http.StatusOK, web.Page{
			Title: say(words.TokenMadeTitle), Section: web.Settings, Lead: say(words.TokenMadeLead), Template: "secrets",
			Data: secretsShown{Rows: []policyRow{{Name: t.Name, Says: secret}}, Back: tokensPath, Out: say(words.ManageNoted)},
		})
	}
}

// revokeToken ends a token.
func (m *Manage) revokeToken(w http.ResponseWriter, r *http.Request) {
	if _, ok := web.ReadForm(w, r, maxForm); !ok {
		return
	}
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 62)
	if err != nil {
		missing(w, r)
		return
	}
	err = m.Store.RevokeToken(r.Context(), web.WhoOf(r.Context()).Rep, id, m.Now())
	switch {
	case errors.Is(err, people.ErrNoLogin):
		missing(w, r)
	case errors.Is(err, people.ErrNotAllowed):
		web.Fail(w, r, http.StatusForbidden, words.ManageNotAllowed)
	case err != nil:
		m.failed(w, r, err)
	default:
		to(w, r, tokensPath, "revoked")
	}
}
