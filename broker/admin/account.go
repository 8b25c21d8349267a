package admin

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	qrcode "github.com/skip2/go-qrcode"

	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

const (
	qrPixels    = 416 // twice what is shown, for sharp screens
	maxPasskeys = 20
	maxKeyName  = 60 // characters
)

// accountRoutes are the pages of everybody who is signed in, about themselves.
func (f *Frame) accountRoutes() {
	f.page("/login/account", f.accountPage, nil)
	f.page("/login/account/password", f.passwordPage, f.setPassword)
	f.page("/login/account/factor", f.factorSetUp, f.setFactor)
	f.page("/login/account/factor/qr.png", f.qr, nil)
	f.page("/login/account/factor/codes", nil, f.newCodes)
	f.page("/login/account/factor/drop", nil, f.dropTOTP)
	f.page("/login/account/factor/passkeys/drop", nil, f.dropPasskey)
	f.mux.HandleFunc("/login/account/factor/passkeys/options", f.known(f.newPasskey))
	f.mux.HandleFunc("/login/account/factor/passkeys", f.known(f.addPasskey))
	f.page("/login/account/provider", nil, f.joinProvider)
	f.page("/login/account/logins", nil, f.endLogin)
	f.page("/login/account/consoles", nil, f.endConsole)
	f.page("/login/console", f.consoleCodePage, f.consoleCode)
	f.page("/login/console/{code}", f.consolePage, f.answerConsole)
}

// accountShown is what the page of one's own account shows.
type accountShown struct {
	talk
	Rep             people.Rep
	Roles, Teams    []string
	Has             people.Credentials
	NeedFactor      bool
	PasskeysOffered bool
	HasPassword     bool
	Provider        string       // of identity, by name; empty: none
	Known           people.Known // who the rep is there, since when
	Logins          []loginShown
	Consoles        []consoleShown
}

type loginShown struct {
	people.Login
	ID         string
	This, Near bool // this browser; from the address of now
}

type consoleShown struct {
	people.Console
	Live bool // somebody is logged in there
}

// section names of one's own account.
func (v *visit) accountCrumbs() []web.Link {
	return []web.Link{{Text: v.say.Say(words.ShellAccount), Path: "/login/account"}}
}

// consoleRow is a console in a list, and where the form of its button goes.
type consoleRow struct {
	talk
	consoleShown
	Path string
}

// Row is for the template of a console.
func (t talk) Row(c consoleShown, path string) consoleRow { return consoleRow{t, c, path} }

func (f *Frame) accountPage(v *visit) { v.showAccount(http.StatusOK, "") }

func (v *visit) showAccount(status int, problem string) {
	s, err := v.account()
	if err != nil {
		v.fail(err)
		return
	}
	v.show(status, web.Page{
		Title: v.say.Say(words.ShellAccount), Section: web.Account, Template: "account", Data: s, Problem: problem,
		Scripts: []string{files.URL("passkey.js")},
	})
}

func (v *visit) account() (accountShown, error) {
	s := accountShown{Rep: v.rep, NeedFactor: v.rules.NeedFactor, PasskeysOffered: v.f.Passkeys != nil}
	var err error
	if s.Has, err = v.f.Store.Credentials(v.ctx(), v.rep.ID); err != nil {
		return s, err
	}
	s.HasPassword = s.Has.Password != ""
	s.Roles, s.Teams = v.rolesOf(v.rep.ID), v.teamsOf(v.rep.ID)
	if o := v.rules.OIDC; o != nil {
		s.Provider = o.Name
		known, err := v.f.Store.KnownAt(v.ctx(), v.rep.ID)
		if err != nil {
			return s, err
		}
		for _, k := range known {
			if k.Issuer == o.Issuer {
				s.Known = k
			}
		}
	}
	logins, err := v.f.Store.Logins(v.ctx(), v.rep.ID)
	if err != nil {
		return s, err
	}
	here := v.f.addressOf(v.r)
	for _, l := range logins {
		if l.Factor && l.Expires.After(v.now) {
			s.Logins = append(s.Logins, loginShown{l, hex.EncodeToString(l.Token[:]), l.Token == v.login.Token, string(l.Address) == string(here[:])})
		}
	}
	s.Consoles, err = v.consolesOf(v.rep.ID)
	return s, err
}

func (v *visit) consolesOf(rep uint64) ([]consoleShown, error) {
	consoles, err := v.f.Store.Consoles(v.ctx(), rep)
	var shown []consoleShown
	for _, c := range consoles {
		if c.Revoked.IsZero() {
			shown = append(shown, consoleShown{c, c.Stands || c.LoginUntil.After(v.now)})
		}
	}
	return shown, err
}

// proved says whether the rep has typed the password again, which changes of
// what one signs in with need: a browser that was left alone is not its owner.
// Who has no password needs none.
func (v *visit) proved(password string) (problem string, err error) {
	has, err := v.f.Store.Credentials(v.ctx(), v.rep.ID)
	if err != nil || has.Password == "" {
		return "", err
	}
	byName, byAddress := v.f.Sealer.Subject("again", people.Actor(v.rep.ID)), v.f.addressOf(v.r)
	wait, err := v.f.try(v.ctx(), byName, byAddress)
	if err != nil {
		return "", err
	}
	if wait > 0 {
		return v.say.Say(words.AdminWait, v.Life(wait)), nil
	}
	right := false
	if len(password) <= 4*people.MaxPassword {
		hashing := v.f.hashing(v.ctx(), func(ctx context.Context) (err error) {
			right, _, err = v.f.Passwords.Check(ctx, has.Password, password)
			return err
		})
		if hashing != nil {
			return "", hashing
		}
	}
	if !right {
		return v.say.Say(words.AdminWrongAgain), nil
	}
	return "", v.f.right(v.ctx(), byName, byAddress)
}

// again is proved for a form of the account page: it answers where the password
// is wrong.
func (v *visit) again() bool {
	problem, err := v.proved(v.form.Get("password"))
	switch {
	case err != nil:
		v.f.failHash(v.w, v.r, err)
	case problem != "":
		v.showAccount(http.StatusUnprocessableEntity, problem)
	}
	return err == nil && problem == ""
}

// passwordShown is what the page of a new password shows.
type passwordShown struct {
	talk
	Form                 web.Form
	Old, Password, Again web.Field
	Has, Due             bool
}

func (v *visit) passwordForm() (passwordShown, error) {
	var s passwordShown
	has, err := v.f.Store.Credentials(v.ctx(), v.rep.ID)
	s.Has, s.Due = has.Password != "", v.rep.MustChange
	s.Old = web.Field{Name: "password", Label: v.say.Say(words.AdminOldPassword), Kind: "password", Complete: "current-password", Required: true}
	s.Password, s.Again = newPassword(v.talk)
	return s, err
}

func (f *Frame) passwordPage(v *visit) {
	s, err := v.passwordForm()
	if err != nil {
		v.fail(err)
		return
	}
	v.showPassword(http.StatusOK, s)
}

func (v *visit) showPassword(status int, s passwordShown) {
	s.Form = web.Check(v.say.Say(words.AdminCheck), s.Old, s.Password, s.Again)
	p := web.Page{Title: v.say.Say(words.AdminChangePassword), Section: web.Account, Crumbs: v.accountCrumbs(), Template: "password", Data: s}
	if s.Due {
		p.Lead = v.say.Say(words.AdminMustChange)
	}
	v.show(status, p)
}

func (f *Frame) setPassword(v *visit) {
	if !v.once(web.Account, v.accountCrumbs()[0]) { // after a second click the old password is wrong
		return
	}
	s, err := v.passwordForm()
	if err == nil {
		s.Old.Problem, err = v.proved(v.form.Get("password"))
	}
	if err != nil {
		f.failHash(v.w, v.r, err)
		return
	}
	if s.Old.Problem == "" {
		f.checkNew(&s.Password, &s.Again, v.form, v.rep)
		if s.Has && v.form.Get("new") == v.form.Get("password") && s.Password.Problem == "" {
			s.Password.Problem = v.say.Say(words.AdminSamePassword)
		}
	}
	if s.Old.Problem+s.Password.Problem+s.Again.Problem != "" {
		v.showPassword(http.StatusUnprocessableEntity, s)
		return
	}
	phc, err := f.hash(v.ctx(), v.form.Get("new"))
	if err == nil {
		err = f.Store.SetPassword(v.ctx(), v.rep.ID, phc, v.login.Token, v.now)
	}
	if err != nil {
		f.failHash(v.w, v.r, err)
		return
	}
	v.seeOther("/login/account", "password")
}

// setUpShown is what the page of a new second factor shows.
type setUpShown struct {
	talk
	Form            web.Form
	Begun           bool
	Secret          string // in groups, for typing into an app
	Code, Password  web.Field
	HasPassword     bool
	Codes           []string // new ones, shown once
	PasskeysOffered bool
	Due             bool
}

func (v *visit) setUp() (setUpShown, people.Credentials, error) {
	has, err := v.f.Store.Credentials(v.ctx(), v.rep.ID)
	s := setUpShown{
		Begun: has.TOTP != nil && !has.Confirmed, HasPassword: has.Password != "", PasskeysOffered: v.f.Passkeys != nil,
		Due:      v.rules.NeedFactor && !has.HasFactor(),
		Code:     web.Field{Name: "code", Label: v.say.Say(words.AdminAppCode), Complete: "one-time-code", Mode: "numeric", Required: true, Max: 12},
		Password: web.Field{Name: "password", Label: v.say.Say(words.AdminOldPassword), Kind: "password", Complete: "current-password", Required: true},
	}
	if err == nil && s.Begun {
		secret, opened := v.f.Sealer.Open(v.rep.ID, has.TOTP)
		if opened != nil {
			return s, has, opened
		}
		s.Secret = grouped(locks.TOTPText(secret), 4)
	}
	return s, has, err
}

// grouped puts spaces between groups of letters.
func grouped(text string, n int) string {
	var b strings.Builder
	for i, c := range text {
		if i > 0 && i%n == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func (v *visit) showSetUp(status int, s setUpShown) {
	s.Form = web.Check(v.say.Say(words.AdminCheck), s.Code, s.Password)
	p := web.Page{
		Title: v.say.Say(words.AdminSetUpTitle), Section: web.Account, Crumbs: v.accountCrumbs(), Template: "setup", Data: s,
		Scripts: []string{files.URL("passkey.js")},
	}
	switch {
	case s.Codes != nil:
		p.Title = v.say.Say(words.AdminCodesTitle)
	case s.Due:
		p.Lead = v.say.Say(words.AdminNeedFactor)
	}
	v.show(status, p)
}

func (f *Frame) factorSetUp(v *visit) {
	s, has, err := v.setUp()
	switch {
	case err != nil:
		v.fail(err)
	case has.Confirmed:
		v.seeOther("/login/account", "")
	default:
		v.showSetUp(http.StatusOK, s)
	}
}

// setFactor begins an app as second factor, and takes its first code.
func (f *Frame) setFactor(v *visit) {
	s, has, err := v.setUp()
	switch {
	case err != nil:
		v.fail(err)
		return
	case has.Confirmed && v.form.Get("do") == "begin": // it is taken away first, with the password
		v.seeOther("/login/account", "")
		return
	case has.Confirmed: // the page of the recovery codes is loaded again
		web.Sent(v.w, v.r, web.Account, v.accountCrumbs()[0])
		return
	case v.form.Get("do") == "begin":
		f.beginTOTP(v, s)
		return
	case !s.Begun:
		v.seeOther("/login/account/factor", "")
		return
	}
	wait, err := f.Store.Try(v.ctx(), f.Sealer.Subject("factor", people.Actor(v.rep.ID)), people.PerName(), v.now)
	if err != nil {
		v.fail(err)
		return
	}
	secret, err := f.Sealer.Open(v.rep.ID, has.TOTP)
	if err != nil {
		v.fail(err)
		return
	}
	at, right := locks.CheckTOTP(secret, v.form.Get("code"), has.LastStep, v.now)
	if right && wait == 0 {
		if err = f.Store.StepTOTP(v.ctx(), v.rep.ID, at, v.now); errors.Is(err, people.ErrUsed) {
			right, err = false, nil
		}
	}
	switch {
	case err != nil:
		v.fail(err)
	case wait > 0:
		s.Code.Problem = v.say.Say(words.AdminWait, v.Life(wait))
		v.showSetUp(http.StatusTooManyRequests, s)
	case !right:
		s.Code.Problem = v.say.Say(words.AdminWrongAppCode)
		v.showSetUp(http.StatusUnprocessableEntity, s)
	default:
		if err := f.Store.Right(v.ctx(), f.Sealer.Subject("factor", people.Actor(v.rep.ID)), true); err != nil {
			v.fail(err)
			return
		}
		f.showNewCodes(v)
	}
}

func (f *Frame) beginTOTP(v *visit, s setUpShown) {
	problem, err := v.proved(v.form.Get("password"))
	if err != nil {
		f.failHash(v.w, v.r, err)
		return
	}
	if problem != "" {
		s.Password.Problem = problem
		v.showSetUp(http.StatusUnprocessableEntity, s)
		return
	}
	secret := locks.NewTOTP()
	if err := f.Store.SetTOTP(v.ctx(), v.rep.ID, f.Sealer.Seal(v.rep.ID, secret), v.now); err != nil {
		v.fail(err)
		return
	}
	v.seeOther("/login/account/factor", "")
}

// qr is the picture of a secret that doesn't count yet. Once it does, nobody
// sees it again.
func (f *Frame) qr(v *visit) {
	has, err := f.Store.Credentials(v.ctx(), v.rep.ID)
	if err == nil && (has.TOTP == nil || has.Confirmed) {
		v.missing()
		return
	}
	var picture []byte
	if err == nil {
		var secret []byte
		if secret, err = f.Sealer.Open(v.rep.ID, has.TOTP); err == nil {
			name := v.rep.Mail
			if name == "" {
				name = v.rep.PublicName
			}
			var address string
			if address, err = locks.TOTPAddress(f.Organisation(), name, secret); err == nil {
				picture, err = qrcode.Encode(address, qrcode.Medium, qrPixels)
			}
		}
	}
	if err != nil {
		v.fail(err)
		return
	}
	v.w.Header().Set("Content-Type", "image/png")
	_, _ = v.w.Write(picture) // who has gone doesn't see it
}

// newCodes makes new recovery codes in place of the old ones.
func (f *Frame) newCodes(v *visit) {
	if v.again() && v.once(web.Account, v.accountCrumbs()[0]) {
		f.showNewCodes(v)
	}
}

// showNewCodes makes recovery codes and shows them, this once.
func (f *Frame) showNewCodes(v *visit) {
	codes, hashes := locks.NewRecoveryCodes()
	err := f.Store.SetRecoveryCodes(v.ctx(), v.rep.ID, hashes, v.now)
	if err != nil {
		v.fail(err)
		return
	}
	v.showSetUp(http.StatusOK, setUpShown{Codes: codes})
}

func (f *Frame) dropTOTP(v *visit) {
	if !v.again() {
		return
	}
	if err := f.Store.DropTOTP(v.ctx(), v.rep.ID, v.now); err != nil {
		v.fail(err)
		return
	}
	v.seeOther("/login/account", "factor-gone")
}

func (f *Frame) dropPasskey(v *visit) {
	id, err := hex.DecodeString(v.form.Get("id"))
	if err != nil {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	if !v.again() {
		return
	}
	if err := f.Store.DropPasskey(v.ctx(), v.rep.ID, id, v.now); err != nil {
		v.fail(err)
		return
	}
	v.seeOther("/login/account", "passkey-gone")
}

// newPasskey begins to make a passkey.
func (f *Frame) newPasskey(v *visit) {
	var got struct {
		Password string `json:"password"`
	}
	if f.Passkeys == nil || v.r.Method != http.MethodPost {
		web.Refuse(v.w, v.r, "POST")
		return
	}
	if !readAnswer(v.w, v.r, &got) {
		return
	}
	problem, err := v.proved(got.Password)
	if err != nil {
		f.failHash(v.w, v.r, err)
		return
	}
	if problem != "" {
		tell(v.w, http.StatusUnprocessableEntity, "", problem)
		return
	}
	who, err := f.person(v.r, v.all, v.rep.ID)
	if err == nil && len(who.Records) >= maxPasskeys {
		tell(v.w, http.StatusUnprocessableEntity, "", v.say.Say(words.AdminManyPasskeys))
		return
	}
	var options, state []byte
	if err == nil {
		options, state, err = f.Passkeys.Register(who)
	}
	if err == nil {
		err = f.begin(v.w, "add", v.rep.ID, state)
	}
	if err != nil {
		v.fail(err)
		return
	}
	v.w.Header().Set("Content-Type", "application/json")
	_, _ = v.w.Write(options) // who has gone doesn't read it
}

// addPasskey keeps a passkey that the browser has made. newPasskey has seen the
// password.
func (f *Frame) addPasskey(v *visit) {
	var got struct {
		Answer json.RawMessage `json:"answer"`
		Name   string          `json:"name"`
	}
	if f.Passkeys == nil || v.r.Method != http.MethodPost {
		web.Refuse(v.w, v.r, "POST")
		return
	}
	if !readAnswer(v.w, v.r, &got) {
		return
	}
	name := strings.TrimSpace(got.Name)
	if utf8.RuneCountInString(name) > maxKeyName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || name == "" {
		name = v.say.Say(words.AdminPasskeyName, v.now.UTC().Format("2 Jan 2006"))
	}
	state, err := f.finish(v.w, v.r, "add", v.rep.ID)
	var who locks.Person
	if err == nil {
		who, err = f.person(v.r, v.all, v.rep.ID)
	}
	var made locks.Proof
	if err == nil {
		made, err = f.Passkeys.Registered(who, state, got.Answer)
	}
	if err == nil {
		err = f.Store.AddPasskey(v.ctx(), people.Passkey{ID: made.ID, Rep: v.rep.ID, Name: name, Record: made.Record, Made: v.now})
	}
	switch {
	case errors.Is(err, errStep), errors.Is(err, locks.ErrPasskey):
		tell(v.w, http.StatusUnprocessableEntity, "", v.say.Say(words.AdminNoPasskey))
	case errors.Is(err, people.ErrUsed):
		tell(v.w, http.StatusUnprocessableEntity, "", v.say.Say(words.AdminKnownPasskey))
	case err != nil:
		v.fail(err)
	default:
		tell(v.w, http.StatusOK, "/login/account?did=passkey", "")
	}
}

// endLogin ends one of the rep's logins, or all but this one.
func (f *Frame) endLogin(v *visit) {
	var err error
	if v.form.Get("do") == "others" {
		err = f.Store.EndOtherLogins(v.ctx(), v.rep.ID, v.login.Token, v.now)
	} else {
		var token people.Hash
		id, bad := hex.DecodeString(v.form.Get("login"))
		if bad != nil || len(id) != len(token) {
			web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
			return
		}
		copy(token[:], id)
		err = f.Store.EndLoginOf(v.ctx(), v.rep.ID, token, v.now)
	}
	if err != nil {
		v.fail(err)
		return
	}
	v.seeOther("/login/account", "ended")
}

// endConsole takes one of the rep's consoles away.
func (f *Frame) endConsole(v *visit) {
	id, bad := strconv.ParseUint(v.form.Get("console"), 10, 63)
	if bad != nil {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	if err := f.Store.RevokeConsole(v.ctx(), v.rep.ID, v.rep.ID, id, v.now); err != nil {
		v.fail(err)
		return
	}
	f.Changed()
	v.seeOther("/login/account", "console-gone")
}
