package manage

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// The API answers JSON, errors too:
//
//	GET   /api/v1/settings   all settings but secrets; ETag is their version
//	PUT   /api/v1/settings   new ones, with If-Match; 412 when somebody was first
//	GET   /api/v1/people     reps, teams, roles, with their numbers
//	GET   /api/v1/staff      the same as the file of settings has it, with an ETag
//	PUT   /api/v1/staff      new ones, with If-Match, by the rules of the file
//	PATCH /api/v1/staff      likewise, but roles and teams that are not named stay
//
// A program says who it is by "Authorization: Bearer TOKEN". Cookies mean
// nothing here, so no other site's page can use somebody's login.

// maxAPI is the most that the API takes, in bytes: a file of settings with the
// logos of some portals in it.
const maxAPI = 4 << 20

// apiTries is how often one address may come with a wrong token, and how often
// at all: a program that reviews settings needs far less.
const (
	apiTries = 60
	apiEvery = time.Second
)

// API serves everything under /api/v1/.
func (m *Manage) API() http.Handler {
	mux := http.NewServeMux()
	tries := web.NewBuckets(apiTries, apiEvery, 100)
	route := func(pattern string, p people.Permission, h func(http.ResponseWriter, *http.Request, people.Token)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if !tries.Take(web.From(r), m.Now()) {
				w.Header().Set("Retry-After", "1")
				refuse(w, http.StatusTooManyRequests, words.APITooOften)
				return
			}
			if t, ok := m.bearer(w, r, p); ok {
				w, r := web.Patiently(w, r)
				h(w, r.WithContext(m.Store.ByToken(r.Context(), t.ID)), t)
			}
		})
	}
	route("GET /api/v1/settings", people.ExportSettings, m.getSettings)
	route("PUT /api/v1/settings", "", m.putSettings)
	route("GET /api/v1/people", people.ManagePeople, m.getPeople)
	route("GET /api/v1/staff", "", m.getStaff)
	route("PUT /api/v1/staff", "", m.setStaff)
	route("PATCH /api/v1/staff", "", m.setStaff)
	mux.HandleFunc("/api/v1/staff", otherMethod("GET, PUT, PATCH"))
	mux.HandleFunc("/api/v1/settings", otherMethod("GET, PUT"))
	mux.HandleFunc("/api/v1/people", otherMethod("GET"))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, words.APIMissing) })
	return mux
}

func otherMethod(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		refuse(w, http.StatusMethodNotAllowed, words.APIMethod)
	}
}

// problem is one thing that is wrong with what was sent.
type problem struct {
	Where string `json:"where,omitempty"`
	Line  int    `json:"line,omitempty"`
	What  string `json:"what"`
}

// refusal is the answer where something was not done.
type refusal struct {
	Error    string    `json:"error"`
	Problems []problem `json:"problems,omitempty"`
}

func refuse(w http.ResponseWriter, status int, s words.Sentence, problems ...problem) {
	answer(w, status, refusal{say(s), problems})
}

func answer(w http.ResponseWriter, status int, what any) {
	text, err := json.Marshal(what)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{}`) // it has nothing that JSON can't say
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a program that went doesn't matter
}

// bearer finds the token that a request comes with, if it holds a permission
// ("": any), or answers it.
func (m *Manage) bearer(w http.ResponseWriter, r *http.Request, p people.Permission) (people.Token, bool) {
	kind, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || !strings.HasPrefix(secret, tokenPrefix) || len(secret) > 200 || len(r.Header.Values("Authorization")) > 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, words.APINoToken)
		return people.Token{}, false
	}
	t, err := m.Store.Token(r.Context(), sha256.Sum256([]byte(secret)), m.Now())
	switch {
	case errors.Is(err, people.ErrNoLogin):
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		refuse(w, http.StatusUnauthorized, words.APINoToken)
	case err != nil:
		m.broken(w, r, err)
	case p != "" && !t.May[p]:
		refuse(w, http.StatusForbidden, words.APINotAllowed)
	default:
		return t, true
	}
	return people.Token{}, false
}

func (m *Manage) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		m.Log.Error("the API failed", "page", r.Pattern, "why", err)
	}
	refuse(w, http.StatusInternalServerError, words.APIBroken)
}

// tag spells a version as an entity tag.
func tag(version uint64) string { return `"` + strconv.FormatUint(version, 10) + `"` }

func (m *Manage) getSettings(w http.ResponseWriter, r *http.Request, _ people.Token) {
	set, version, err := m.Store.Settings(r.Context())
	if err != nil {
		m.broken(w, r, err)
		return
	}
	w.Header().Set("ETag", tag(version))
	answer(w, http.StatusOK, set.WithoutSecrets())
}

// read reads what was sent, or answers the request.
func read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAPI))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, words.APITooLarge)
	case errors.Is(err, web.ErrSlow):
		refuse(w, http.StatusRequestTimeout, words.APISlow)
	case err != nil:
		refuse(w, http.StatusBadRequest, words.APIUnread)
	}
	return body, err == nil
}

// matches says whether a request is to replace the version of that tag, or
// answers it.
func matches(w http.ResponseWriter, r *http.Request, tag string) bool {
	switch r.Header.Get("If-Match") {
	case tag:
		return true
	case "":
		refuse(w, http.StatusPreconditionRequired, words.APINoMatch)
	default:
		w.Header().Set("ETag", tag)
		refuse(w, http.StatusPreconditionFailed, words.APIChanged)
	}
	return false
}

func (m *Manage) putSettings(w http.ResponseWriter, r *http.Request, t people.Token) {
	body, ok := read(w, r)
	if !ok {
		return
	}
	set, version, err := m.Store.Settings(r.Context())
	if err != nil {
		m.broken(w, r, err)
		return
	}
	if !matches(w, r, tag(version)) {
		return
	}
	next, err := settings.Import(body, set)
	if err == nil {
		o, failed := m.Store.Organisation(r.Context())
		if failed != nil {
			m.broken(w, r, failed)
			return
		}
		if err = next.Refers(set, known(o)); err == nil {
			err = lockedOut(r, set, next)
		}
		if missing := forbidden(set, next, o, t.May); err == nil && missing {
			refuse(w, http.StatusForbidden, words.APINotAllowed)
			return
		}
	}
	if err == nil {
		err = m.Store.SetSettings(r.Context(), t.Rep, version, next, m.Now())
	}
	if err == nil {
		if version, err = m.Store.SettingsVersion(r.Context()); err == nil {
			w.Header().Set("ETag", tag(version))
		}
	}
	m.answerPut(w, r, version, err)
}

// forbidden says whether a change is more than a token may: the store asks for
// what its rep may, which can be more.
func forbidden(from, to settings.Settings, o people.Organisation, may people.Set) bool {
	for _, id := range settings.GivenRoles(from, to) {
		if role, ok := o.Role(id); ok && !role.May.Within(may) {
			return true
		}
	}
	return !settings.Allowed(from, to, func(name string) bool { return may[people.Permission(name)] })
}

func (m *Manage) answerPut(w http.ResponseWriter, r *http.Request, version uint64, err error) {
	if m.refused(w, r, err) {
		return
	}
	m.Changed()
	answer(w, http.StatusOK, kept{version})
}

// refused answers where something was not kept.
func (m *Manage) refused(w http.ResponseWriter, r *http.Request, err error) bool {
	var wrong settings.Wrongs
	unfit := errors.As(settings.StaffWrongs(err, ""), &wrong)
	switch {
	case errors.Is(err, people.ErrNotAllowed), errors.Is(err, people.ErrOwnRights), errors.Is(err, people.ErrAboveYou):
		refuse(w, http.StatusForbidden, words.APINotAllowed, problemsOf(wrong)...)
	case unfit:
		refuse(w, http.StatusUnprocessableEntity, words.APIUnfit, problemsOf(wrong)...)
	case errors.Is(err, settings.ErrChanged), errors.Is(err, people.ErrChanged):
		refuse(w, http.StatusPreconditionFailed, words.APIChanged)
	case err != nil:
		m.broken(w, r, err)
	}
	return err != nil
}

func problemsOf(wrong settings.Wrongs) []problem {
	var problems []problem
	for _, one := range wrong {
		problems = append(problems, problem{one.Where, one.Line, say(one.Sentence, one.Args...)})
	}
	return problems
}

// kept answers a change that was made: the version that it is now. A token may
// be let change what it may not read.
type kept struct {
	Version uint64 `json:"version"`
}

// What the API says of people. Names are public ones and what colleagues see;
// nothing of how somebody logs in.
type (
	apiRep struct {
		ID       uint64   `json:"id"`
		Name     string   `json:"name"`
		Private  string   `json:"privateName,omitempty"`
		Mail     string   `json:"mail,omitempty"`
		Language string   `json:"language,omitempty"`
		Listed   bool     `json:"listed,omitempty"`
		Disabled bool     `json:"disabled,omitempty"`
		Roles    []string `json:"roles,omitempty"`
	}
	apiTeam struct {
		ID      uint64            `json:"id"`
		Name    string            `json:"name"`
		Above   uint64            `json:"above,omitempty"`
		Members map[uint64]string `json:"members,omitempty"`
	}
	apiRole struct {
		ID   string              `json:"id"`
		Name string              `json:"name"`
		May  []people.Permission `json:"may"`
	}
	apiPeople struct {
		Reps  []apiRep  `json:"reps"`
		Teams []apiTeam `json:"teams"`
		Roles []apiRole `json:"roles"`
	}
)

func (m *Manage) getPeople(w http.ResponseWriter, r *http.Request, _ people.Token) {
	o, err := m.Store.Organisation(r.Context())
	if err != nil {
		m.broken(w, r, err)
		return
	}
	answer(w, http.StatusOK, peopleOf(o))
}

// peopleOf spells an organisation for the API, sorted.
func peopleOf(o people.Organisation) apiPeople {
	all := apiPeople{Reps: []apiRep{}, Teams: []apiTeam{}, Roles: []apiRole{}}
	roles := o.RolesHeld()
	for _, id := range slices.Sorted(maps.Keys(o.Reps)) {
		r := o.Reps[id]
		slices.Sort(roles[id])
		all.Reps = append(all.Reps, apiRep{
			ID: id, Name: r.PublicName, Private: r.PrivateName, Mail: r.Mail, Language: r.Language,
			Listed: r.Listed, Disabled: r.Disabled, Roles: roles[id],
		})
	}
	for _, id := range slices.Sorted(maps.Keys(o.Teams)) {
		t := o.Teams[id]
		one := apiTeam{ID: id, Name: t.Name, Above: t.Above, Members: map[uint64]string{}}
		for rep, rank := range t.Members {
			one.Members[rep] = people.RankName(rank)
		}
		all.Teams = append(all.Teams, one)
	}
	own := slices.Collect(maps.Values(o.Roles))
	slices.SortFunc(own, func(a, b people.Role) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range append(people.BuiltIn(), own...) {
		all.Roles = append(all.Roles, apiRole{ID: r.ID, Name: r.Name, May: r.May.List()})
	}
	return all
}
