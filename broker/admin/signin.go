package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

// hashWait is how long a sign-in waits for its turn to hash.
const hashWait = 10 * time.Second

// doorRoutes are the pages of those who are not signed in.
func (f *Frame) doorRoutes() {
	f.open("/login/in", f.signInPage, f.signIn)
	f.open("/login/factor", f.factorPage, f.factor)
	f.open("/login/passkey/options", nil, f.passkeyOptions)
	f.open("/login/passkey", nil, f.passkeyIn)
	f.open("/login/oidc", f.oidcAway, nil)
	f.open("/login/oidc/back", f.oidcBack, nil)
	f.open("/login/first", f.firstPage, f.first)
	f.open("/login/reset/{link}", f.resetPage, f.reset)
	f.page("/login/out", nil, f.signOut)
	f.page("/login/here", f.left, f.here)
}

// signInShown is what the page shows.
type signInShown struct {
	talk
	Mail, Password web.Field
	Done, Problem  string
	Next           string
	Provider       string // on the button; empty: none
	Passkeys       bool
}

// signInPage shows the form. Somebody who is signed in needs none.
func (f *Frame) signInPage(w http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if _, err := f.visit(w, r); err == nil {
		http.Redirect(w, r, after(next), http.StatusSeeOther)
		return
	}
	f.showSignIn(w, r, http.StatusOK, next, "", "")
}

func (f *Frame) showSignIn(w http.ResponseWriter, r *http.Request, status int, next, mail, problem string) {
	rules, err := f.People(r.Context())
	if err != nil {
		f.fail(w, r, err)
		return
	}
	var t talk
	s := signInShown{
		Mail: web.Field{
			Name: "mail", Label: t.say.Say(words.AdminMail), Value: mail, Kind: "email", Complete: "username webauthn", Required: true, Max: people.MaxMail, Focus: mail == "",
		},
		Password: web.Field{Name: "password", Label: t.say.Say(words.AdminPassword), Kind: "password", Complete: "current-password", Required: true, Focus: mail != ""},
		Problem:  problem, Passkeys: f.Passkeys != nil,
	}
	if next != "" {
		s.Next = after(next)
	}
	if rules.OIDC != nil {
		s.Provider = t.say.Say(words.AdminWithProvider, rules.OIDC.Name)
	}
	if d, ok := done[r.URL.Query().Get("did")]; ok && problem == "" {
		s.Done = t.say.Say(d)
	}
	f.sheet(w, r, status, words.AdminSignIn, "in", s)
}

// subjects are what tries are counted by: the name, whether anybody has it or
// not, and the address.
func (f *Frame) subjects(name string, r *http.Request) (byName, byAddress people.Hash) {
	return f.Sealer.Subject("name", name), f.addressOf(r)
}

// addressOf is a keyed hash of where a request comes from: of one IPv6 network,
// since all its addresses are one visitor's.
func (f *Frame) addressOf(r *http.Request) people.Hash {
	return f.Sealer.Subject("address", neighbourhood(web.From(r)).String())
}

func neighbourhood(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// try asks for one try at a name from an address, and gives the longer wait.
func (f *Frame) try(ctx context.Context, byName, byAddress people.Hash) (time.Duration, error) {
	now := f.Now()
	wait, err := f.Store.Try(ctx, byAddress, people.PerAddress(), now)
	if err != nil || wait > 0 {
		return wait, err
	}
	return f.Store.Try(ctx, byName, people.PerName(), now)
}

// right takes the tries back.
func (f *Frame) right(ctx context.Context, byName, byAddress people.Hash) error {
	return errors.Join(f.Store.Right(ctx, byName, true), f.Store.Right(ctx, byAddress, false))
}

// errBusy: more sign in than there are cores to look at their passwords.
var errBusy = errors.New("admin: too many sign in")

// hashing does something that hashes when it is its turn.
func (f *Frame) hashing(ctx context.Context, do func(context.Context) error) error {
	select {
	case f.queue <- struct{}{}:
	default:
		return errBusy
	}
	defer func() { <-f.queue }()
	ctx, cancel := context.WithTimeoutCause(ctx, hashWait, errBusy)
	defer cancel()
	return do(ctx)
}

// signIn looks at a mail address and a password. Everything is found out before
// anything is said, so that nobody learns who has an account.
func (f *Frame) signIn(w http.ResponseWriter, r *http.Request) {
	form, ok := web.ReadForm(w, r, maxForm)
	if !ok {
		return
	}
	ctx := r.Context()
	typed := strings.ToLower(strings.TrimSpace(form.Get("mail")))
	next, password := form.Get("next"), form.Get("password")
	if len(typed) > people.MaxMail || len(password) > 4*people.MaxPassword {
		typed, password = "", "" // nobody's
	}
	byName, byAddress := f.subjects(typed, r)
	wait, err := f.try(ctx, byName, byAddress)
	facts := people.Facts{Wait: wait}
	var rep people.Rep
	var has people.Credentials
	if err == nil && wait == 0 {
		rep, has, facts, err = f.lookAt(ctx, typed, password)
	}
	switch {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "10")
		web.Fail(w, r, http.StatusServiceUnavailable, words.AdminBusy)
		return
	case err != nil:
		f.fail(w, r, err)
		return
	}
	var t talk
	half := facts
	half.FactorNeeded = false
	switch people.Judge(half) {
	case people.Later:
		f.counts.delayed.Add(1)
		w.Header().Set("Retry-After", seconds(wait))
		f.showSignIn(w, r, http.StatusTooManyRequests, next, form.Get("mail"), t.say.Say(words.AdminWait, t.Life(wait)))
		return
	case people.Refused:
		f.counts.refused.Add(1)
		f.showSignIn(w, r, http.StatusUnprocessableEntity, next, form.Get("mail"), t.say.Say(words.AdminWrong))
		return
	}
	if err := f.right(ctx, byName, byAddress); err != nil {
		f.fail(w, r, err)
		return
	}
	f.enter(w, r, rep, "password", !has.HasFactor(), next)
}

// lookAt finds out about a sign-in.
func (f *Frame) lookAt(ctx context.Context, mail, password string) (people.Rep, people.Credentials, people.Facts, error) {
	var facts people.Facts
	all, err := f.Store.Organisation(ctx)
	if err != nil {
		return people.Rep{}, people.Credentials{}, facts, err
	}
	rep, known := all.ByMail(mail)
	has, err := f.Store.Credentials(ctx, rep.ID) // nobody's, for nobody
	if err != nil {
		return people.Rep{}, has, facts, err
	}
	facts.Known, facts.FactorNeeded = known && !rep.Disabled, has.HasFactor()
	var stale bool
	err = f.hashing(ctx, func(ctx context.Context) (err error) {
		if facts.Password, stale, err = f.Passwords.Check(ctx, has.Password, password); err != nil || !stale {
			return err
		}
		better, err := f.Passwords.Hash(ctx, password)
		if err != nil {
			return err
		}
		return f.Store.UpgradePassword(ctx, rep.ID, has.Password, better)
	})
	return rep, has, facts, err
}

// enter signs a rep in: wholly, or until the second factor.
func (f *Frame) enter(w http.ResponseWriter, r *http.Request, rep people.Rep, how string, whole bool, next string) {
	ctx, now := r.Context(), f.Now()
	rules, err := f.People(ctx)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	token, hash := locks.Token()
	address := f.addressOf(r)
	l := people.Login{
		Token: hash, Rep: rep.ID, Made: now, Seen: now, Address: address[:], Factor: whole, How: how, Agent: browser(r.UserAgent()),
		Expires: now.Add(factorLife),
	}
	if whole {
		l.Expires = ends(now, now, people.IdleAfter(rep.IdleMinutes, rules.IdleMinutes))
	}
	if old, err := r.Cookie(loginCookie); err == nil { // whoever was here before isn't any more
		if err := f.Store.EndLogin(ctx, locks.TokenHash(old.Value)); err != nil {
			f.fail(w, r, err)
			return
		}
	}
	if err := f.Store.AddLogin(ctx, l); err != nil {
		f.fail(w, r, err)
		return
	}
	if whole {
		f.counts.signedIn.Add(1)
	}
	give(w, loginCookie, token, 0)
	to := after(next)
	if !whole {
		to = "/login/factor"
		if next != "" {
			to += "?" + nextQuery(next)
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// signOut ends the login.
func (f *Frame) signOut(v *visit) {
	if err := f.Store.EndLogin(v.ctx(), v.login.Token); err != nil {
		v.fail(err)
		return
	}
	forget(v.w, loginCookie)
	v.seeOther("/login/in", "out")
}

// left tells how long it is until the log-out, without being a sign of life.
func (f *Frame) left(v *visit) {
	v.w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(v.w).Encode(map[string]int{"left": int(v.who.Idle.Seconds())}) // who has gone doesn't read it
}

// here is a sign of life; knowing that somebody is here has done it already.
func (f *Frame) here(v *visit) {
	if v.r.Header.Get("Accept") == "application/json" {
		f.left(v)
		return
	}
	v.seeOther("/login/", "")
}

// factorShown is what the page of the second factor shows.
type factorShown struct {
	talk
	Code     web.Field
	Problem  string
	Next     string
	Passkeys bool
	ByCode   bool // an app or recovery codes, too
}

// half finds the login that waits for its second factor.
func (f *Frame) half(r *http.Request) (people.Login, people.Rep, people.Credentials, error) {
	ctx := r.Context()
	c, err := r.Cookie(loginCookie)
	if err != nil {
		return people.Login{}, people.Rep{}, people.Credentials{}, people.ErrNoLogin
	}
	l, err := f.Store.Login(ctx, locks.TokenHash(c.Value), f.Now())
	if err == nil && l.Factor {
		err = people.ErrNoLogin
	}
	if err != nil {
		return l, people.Rep{}, people.Credentials{}, err
	}
	all, err := f.Store.Organisation(ctx)
	if err != nil {
		return l, people.Rep{}, people.Credentials{}, err
	}
	has, err := f.Store.Credentials(ctx, l.Rep)
	return l, all.Reps[l.Rep], has, err
}

func (f *Frame) factorPage(w http.ResponseWriter, r *http.Request) {
	_, _, has, err := f.half(r)
	if f.noHalf(w, r, err) {
		return
	}
	f.showFactor(w, r, http.StatusOK, has, r.URL.Query().Get("next"), "")
}

// noHalf answers where nobody waits for a second factor.
func (f *Frame) noHalf(w http.ResponseWriter, r *http.Request, err error) bool {
	switch {
	case errors.Is(err, people.ErrNoLogin):
		http.Redirect(w, r, "/login/in", http.StatusSeeOther)
	case err != nil:
		f.fail(w, r, err)
	}
	return err != nil
}

func (f *Frame) showFactor(w http.ResponseWriter, r *http.Request, status int, has people.Credentials, next, problem string) {
	var t talk
	s := factorShown{
		Code: web.Field{
			Name: "code", Label: t.say.Say(words.AdminCode), Hint: t.say.Say(words.AdminCodeHint), Complete: "one-time-code",
			Required: true, Max: 64, Problem: problem, Focus: true,
		},
		Passkeys: f.Passkeys != nil && len(has.Passkeys) > 0, ByCode: has.Confirmed || has.CodesLeft > 0,
	}
	if next != "" {
		s.Next = after(next)
	}
	f.sheet(w, r, status, words.AdminFactorTitle, "factor", s)
}

// factor looks at the code of the second factor.
func (f *Frame) factor(w http.ResponseWriter, r *http.Request) {
	form, ok := web.ReadForm(w, r, maxForm)
	if !ok {
		return
	}
	ctx := r.Context()
	l, rep, has, err := f.half(r)
	if f.noHalf(w, r, err) {
		return
	}
	var t talk
	wait, right, err := f.tryFactor(r, l.Rep, has, form.Get("code"))
	switch {
	case err != nil:
		f.fail(w, r, err)
	case wait > 0:
		f.counts.delayed.Add(1)
		w.Header().Set("Retry-After", seconds(wait))
		f.showFactor(w, r, http.StatusTooManyRequests, has, form.Get("next"), t.say.Say(words.AdminWait, t.Life(wait)))
	case !right:
		f.counts.refused.Add(1)
		f.showFactor(w, r, http.StatusUnprocessableEntity, has, form.Get("next"), t.say.Say(words.AdminWrongCode))
	default:
		f.whole(ctx, w, r, l, rep, form.Get("next"))
	}
}

// whole makes a login whole whose second factor was right.
func (f *Frame) whole(ctx context.Context, w http.ResponseWriter, r *http.Request, l people.Login, rep people.Rep, next string) {
	rules, err := f.People(ctx)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	now := f.Now()
	token, hash := locks.Token()
	err = f.Store.FactorDone(ctx, l.Token, hash, now, ends(now, now, people.IdleAfter(rep.IdleMinutes, rules.IdleMinutes)))
	if f.noHalf(w, r, err) {
		return
	}
	f.counts.signedIn.Add(1)
	give(w, loginCookie, token, 0)
	http.Redirect(w, r, after(next), http.StatusSeeOther)
}

// tryFactor looks at a code of a rep's app, or a recovery code, if it isn't too
// soon for another try.
func (f *Frame) tryFactor(r *http.Request, rep uint64, has people.Credentials, code string) (wait time.Duration, right bool, err error) {
	ctx := r.Context()
	byName, byAddress := f.Sealer.Subject("factor", people.Actor(rep)), f.addressOf(r)
	if wait, err = f.try(ctx, byName, byAddress); err != nil || wait > 0 {
		return wait, false, err
	}
	if right, err = f.checkFactor(ctx, rep, has, code); err != nil || !right {
		return 0, false, err
	}
	return 0, true, f.right(ctx, byName, byAddress)
}

// checkFactor says whether a code is right, and uses it up.
func (f *Frame) checkFactor(ctx context.Context, rep uint64, has people.Credentials, code string) (bool, error) {
	code = strings.Join(strings.Fields(code), "")
	if len(code) > 64 || code == "" {
		return false, nil
	}
	var err error
	if len(code) == 6 && strings.Trim(code, "0123456789") == "" {
		if !has.Confirmed {
			return false, nil
		}
		secret, opened := f.Sealer.Open(rep, has.TOTP)
		if opened != nil {
			return false, opened
		}
		step, right := locks.CheckTOTP(secret, code, has.LastStep, f.Now())
		if !right {
			return false, nil
		}
		err = f.Store.StepTOTP(ctx, rep, step, f.Now())
	} else {
		err = f.Store.UseRecoveryCode(ctx, rep, people.CodeHash(code), f.Now())
	}
	if errors.Is(err, people.ErrUsed) {
		return false, nil
	}
	return err == nil, err
}

// browser names a browser so that its owner recognises it: no more of what it
// tells is kept.
func browser(agent string) string {
	first := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	name := first([2]string{"Firefox/", "Firefox"}, [2]string{"Edg/", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"Windows", "Windows"}, [2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"},
		[2]string{"Mac OS X", "macOS"}, [2]string{"Linux", "Linux"})
	return strings.Trim(name+", "+system, ", ")
}
