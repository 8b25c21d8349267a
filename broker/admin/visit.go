package admin

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

const (
	// loginCookie holds a login's token. Lax, not Strict: the way back from an
	// identity provider begins at another site, and so does a link in a mail.
	// What changes something is a POST, which the cookie doesn't go with then.
	loginCookie = "__Host-handrail"

	// factorLife is how long somebody has for the second factor.
	factorLife = 10 * time.Minute

	// seeEvery is how often it is written down that somebody is here.
	seeEvery = 5 * time.Second

	maxForm = 64 << 10 // bytes
)

// visit is one request of somebody who is signed in.
type visit struct {
	talk
	f     *Frame
	w     http.ResponseWriter
	r     *http.Request
	form  url.Values // of a POST
	now   time.Time
	login people.Login
	rep   people.Rep
	all   people.Organisation
	rules settings.People
	who   web.Who
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// page adds a page for people who are signed in and may see it: get shows it,
// post does what its form asks for. Either may be nil.
func (f *Frame) page(path string, get, post func(*visit), may ...people.Permission) {
	f.mux.HandleFunc(path, f.known(func(v *visit) {
		allowed := len(may) == 0
		for _, p := range may {
			allowed = allowed || v.who.May[p]
		}
		switch {
		case !allowed:
			v.refuse()
		case v.r.Method == http.MethodPost && post != nil:
			var ok bool
			if v.form, ok = web.ReadForm(v.w, v.r, maxForm); ok {
				post(v)
			}
		case (v.r.Method == http.MethodGet || v.r.Method == http.MethodHead) && get != nil:
			get(v)
		case post == nil:
			web.Refuse(v.w, v.r, "GET, HEAD")
		case get == nil:
			web.Refuse(v.w, v.r, "POST")
		default:
			web.Refuse(v.w, v.r, "GET, HEAD, POST")
		}
	}))
}

// open adds a page for everybody.
func (f *Frame) open(path string, get, post func(http.ResponseWriter, *http.Request)) {
	f.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		rules, err := f.People(r.Context())
		switch {
		case err != nil:
			f.fail(w, r, err)
		case !web.Admits(rules.LoginNetworks, web.From(r)):
			web.Fail(w, r, http.StatusForbidden, words.AdminWrongNetwork)
		case r.Method == http.MethodPost && post != nil:
			post(w, r)
		case r.Method == http.MethodPost:
			web.Refuse(w, r, "GET, HEAD")
		case get == nil:
			web.Refuse(w, r, "POST")
		case web.Reads(w, r):
			get(w, r)
		}
	})
}

// known lets those through who are signed in, and takes the others to where
// they can.
func (f *Frame) known(next func(*visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := f.visit(w, r)
		switch {
		case (errors.Is(err, people.ErrNoLogin) || errors.Is(err, errHalf) || r.URL.Query().Has(late)) && f.keepUnsent(w, r):
			return
		case errors.Is(err, people.ErrNoLogin):
			f.toSignIn(w, r)
			return
		case errors.Is(err, errHalf) && r.Method == http.MethodGet:
			http.Redirect(w, r, "/login/factor?"+nextQuery(r.URL.RequestURI()), http.StatusSeeOther)
			return
		case errors.Is(err, errHalf):
			http.Redirect(w, r, "/login/factor", http.StatusSeeOther)
			return
		case errors.Is(err, errNetwork):
			web.Fail(w, r, http.StatusForbidden, words.AdminWrongNetwork)
			return
		case err != nil:
			f.fail(w, r, err)
			return
		case r.Method == http.MethodPost && r.URL.Query().Has(late): // and not to be kept
			web.Fail(w, r, http.StatusBadRequest, words.PageUnclear)
			return
		}
		if due := v.due(); due != "" && !strings.HasPrefix(r.URL.Path, due) && !always[r.URL.Path] {
			http.Redirect(w, r, due, http.StatusSeeOther)
			return
		}
		v.w, v.r = web.Patiently(v.w, v.r)
		next(v)
	}
}

// always are the pages that somebody can use who must do something first.
var always = map[string]bool{"/login/out": true, "/login/here": true}

// due is the page on which a rep must do something before anything else, or
// empty.
func (v *visit) due() string {
	switch {
	case v.rep.MustChange && v.login.How == "password":
		return "/login/account/password"
	case v.rules.NeedFactor && v.login.How == "password":
		c, err := v.f.Store.Credentials(v.ctx(), v.rep.ID)
		if err != nil || !c.HasFactor() { // in doubt nobody gets further
			return "/login/account/factor"
		}
	}
	return ""
}

var (
	errNetwork = errors.New("admin: not from this network")
	// errHalf: the second factor is missing.
	errHalf = errors.New("admin: half signed in")
)

// visit finds out who asks. Its errors: people.ErrNoLogin, errHalf, errNetwork.
func (f *Frame) visit(w http.ResponseWriter, r *http.Request) (*visit, error) {
	ctx, now := r.Context(), f.Now()
	c, err := r.Cookie(loginCookie)
	if err != nil {
		return nil, people.ErrNoLogin
	}
	v := &visit{f: f, w: w, r: r, now: now}
	if v.rules, err = f.People(ctx); err != nil {
		return nil, err
	}
	if !web.Admits(v.rules.LoginNetworks, web.From(r)) {
		return nil, errNetwork
	}
	if v.login, err = f.Store.Login(ctx, locks.TokenHash(c.Value), now); err != nil {
		return nil, err
	}
	if !v.login.Factor {
		return nil, errHalf
	}
	if v.all, err = f.Store.Organisation(ctx); err != nil {
		return nil, err
	}
	var ok bool
	if v.rep, ok = v.all.Reps[v.login.Rep]; !ok || v.rep.Disabled {
		return nil, people.ErrNoLogin
	}
	idle := people.IdleAfter(v.rep.IdleMinutes, v.rules.IdleMinutes)
	if there, _ := people.Look(idle, v.login.Made, v.login.Seen, now); there == people.Gone {
		return nil, errors.Join(people.ErrNoLogin, f.Store.EndLogin(ctx, v.login.Token))
	}
	// A question about how long is left is no sign of life.
	if now.Sub(v.login.Seen) >= seeEvery && (r.URL.Path != "/login/here" || r.Method == http.MethodPost) {
		if err := f.Store.SeeLogin(ctx, v.login.Token, now, ends(v.login.Made, now, idle)); err != nil {
			return nil, err
		}
		v.login.Seen = now
	}
	v.who = web.Who{
		Rep: v.rep.ID, Name: v.rep.Called(), May: v.all.May(v.rep.ID), Language: v.rep.Language, Organisation: f.Organisation(),
		Idle: ends(v.login.Made, v.login.Seen, idle).Sub(now),
	}
	v.r = r.WithContext(web.WithWho(ctx, v.who))
	return v, nil
}

// ends is when a login is over if nobody comes back.
func ends(made, seen time.Time, idle time.Duration) time.Time {
	end := seen.Add(idle)
	if last := made.Add(people.LongestLogin); last.Before(end) {
		end = last
	}
	return end
}

// toSignIn answers somebody who is not signed in, or not any more.
func (f *Frame) toSignIn(w http.ResponseWriter, r *http.Request) {
	_, had := r.Cookie(loginCookie)
	if r.URL.Path == "/login/here" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	q := url.Values{}
	if had == nil {
		forget(w, loginCookie)
		q.Set("did", "over")
	}
	if r.Method == http.MethodGet && r.URL.Path != "/login/" {
		q.Set("next", r.URL.RequestURI())
	}
	to := "/login/in"
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// after is where somebody goes who has signed in: a page of ours, whatever the
// form says.
func after(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || len(next) > 1000 ||
		!strings.HasPrefix(u.Path, "/login/") || strings.Contains(u.Path, "/.") || strings.Contains(u.Path+u.RawQuery, "\\") || u.Path == "/login/in" {
		return "/login/"
	}
	return u.RequestURI()
}

// give sets a cookie that this host alone gets back, over TLS alone, and no
// script reads. No life is until the browser is closed.
func give(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func forget(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// fail answers where something of ours failed.
func (f *Frame) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody reads it
	}
	f.Log.Error("a page of the administration failed", "page", r.Pattern, "error", err)
	web.Fail(w, r, http.StatusInternalServerError, words.PageBroken)
}

func (v *visit) fail(err error) { v.f.fail(v.w, v.r, err) }

// refuse answers somebody who may not see or do this.
func (v *visit) refuse() {
	v.show(http.StatusForbidden, web.Page{Title: v.say.Say(words.AdminNotYoursTitle), Section: -1, Template: "said", Data: said{v.say.Say(words.AdminNotYours), "/login/", v.say.Say(words.AdminToOverview)}})
}

// missing answers where there is no such rep, team or role.
func (v *visit) missing() {
	v.show(http.StatusNotFound, web.Page{Title: v.say.Say(words.AdminMissingTitle), Section: -1, Template: "said", Data: said{v.say.Say(words.AdminMissing), "/login/", v.say.Say(words.AdminToOverview)}})
}

// said is a page that has only something to say.
type said struct{ Text, Path, Link string }

// show answers with a page of the administration.
func (v *visit) show(status int, p web.Page) {
	p.Set = pages
	if p.Done == "" && status == http.StatusOK {
		p.Done = v.did()
	}
	web.Shell(v.w, v.r, status, p)
}

// did is what was done just before, which the address tells in one word.
func (v *visit) did() string {
	if s, ok := done[v.r.URL.Query().Get("did")]; ok {
		return v.say.Say(s)
	}
	return ""
}

// seeOther goes to a page that says what has been done.
func (v *visit) seeOther(path, did string) {
	if did != "" {
		path += "?did=" + did
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
}

// once lets a form through that is sent for the first time, as web.First does,
// and answers any other.
func (v *visit) once(in web.Section, where web.Link) bool {
	first, err := web.First(v.w, v.r, v.f.Store, v.form, v.now, in, where)
	if err != nil {
		v.fail(err)
	}
	return first
}

// changed makes a change, and tells the rest of the broker.
func (v *visit) changed(c people.Change) (uint64, error) {
	id, err := v.f.Store.Change(v.ctx(), v.rep.ID, c, v.now)
	if err == nil {
		v.f.Changed()
	}
	return id, err
}

// anew looks once more who works here, after somebody else was first in the same
// moment, and answers where that fails.
func (v *visit) anew() bool {
	all, err := v.f.Store.Organisation(v.ctx())
	if err != nil {
		v.fail(err)
		return false
	}
	v.all = all
	return true
}

// stamp tells two states of a thing apart, so that a form which was shown
// before another administrator's change doesn't undo it.
func stamp(state any) string {
	b, err := json.Marshal(state)
	if err != nil {
		panic(fmt.Errorf("admin: a state that is no JSON: %w", err)) // they are structs of ours
	}
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%x", sum[:8])
}
