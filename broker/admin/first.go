package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

func seconds(d time.Duration) string { return fmt.Sprint(int((d + time.Second - 1) / time.Second)) }

func nextQuery(next string) string { return url.Values{"next": {after(next)}}.Encode() }

// firstShown is what the page of the first administrator shows: only the field
// for the code until a right one has come.
type firstShown struct {
	talk
	Form                              web.Form
	Code, Name, Mail, Password, Again web.Field
	Open                              bool
}

func (f *Frame) firstPage(w http.ResponseWriter, r *http.Request) {
	f.showFirst(w, r, http.StatusOK, f.firstForm(url.Values{}))
}

func (f *Frame) showFirst(w http.ResponseWriter, r *http.Request, status int, s firstShown) {
	s.Form = web.Check(s.say.Say(words.AdminCheck), s.Code, s.Name, s.Mail, s.Password, s.Again)
	f.sheet(w, r, status, words.AdminFirstTitle, "first", s)
}

func (f *Frame) firstForm(v url.Values) firstShown {
	var s firstShown
	say := s.say.Say
	s.Code = web.Field{Name: "code", Label: say(words.AdminFirstCode), Hint: say(words.AdminFirstCodeHint), Value: v.Get("code"), Required: true, Max: 64, Focus: true}
	s.Name = web.Field{Name: "name", Label: say(words.AdminYourName), Hint: say(words.AdminYourNameHint), Value: v.Get("name"), Required: true, Max: people.MaxName, Complete: "name", Focus: true}
	s.Mail = web.Field{Name: "mail", Label: say(words.AdminYourMail), Hint: say(words.AdminYourMailHint), Value: v.Get("mail"), Kind: "email", Required: true, Max: people.MaxMail, Complete: "username"}
	s.Password, s.Again = newPassword(s.talk)
	return s
}

// newPassword are the two fields of a new password.
func newPassword(t talk) (password, again web.Field) {
	return web.Field{Name: "new", Label: t.say.Say(words.AdminNewPassword), Hint: t.say.Say(words.AdminPasswordHint, people.MinPassword), Kind: "password", Complete: "new-password", Required: true},
		web.Field{Name: "again", Label: t.say.Say(words.AdminAgain), Kind: "password", Complete: "new-password", Required: true}
}

// first makes the first administrator, if the code is one that the local
// command printed (row A02). Without it this page does nothing.
func (f *Frame) first(w http.ResponseWriter, r *http.Request) {
	form, ok := web.ReadForm(w, r, maxForm)
	if !ok {
		return
	}
	ctx, now := r.Context(), f.Now()
	s := f.firstForm(form)
	secret := people.CodeHash(form.Get("code"))
	byAddress := f.addressOf(r)
	wait, err := f.Store.Try(ctx, byAddress, people.PerAddress(), now)
	if err == nil && wait > 0 {
		f.counts.delayed.Add(1)
		w.Header().Set("Retry-After", seconds(wait))
		s.Code.Problem = s.say.Say(words.AdminWait, s.Life(wait))
		f.showFirst(w, r, http.StatusTooManyRequests, s)
		return
	}
	if err == nil {
		err = f.Store.First(ctx, secret, now)
	}
	switch {
	case errors.Is(err, people.ErrUsed):
		f.counts.refused.Add(1)
		s.Code.Problem = s.say.Say(words.AdminFirstWrong)
		f.showFirst(w, r, http.StatusUnprocessableEntity, s)
		return
	case err != nil:
		f.fail(w, r, err)
		return
	}
	if err := f.Store.Right(ctx, byAddress, false); err != nil {
		f.fail(w, r, err)
		return
	}
	s.Open = true
	if !form.Has("name") { // the first step
		f.showFirst(w, r, http.StatusOK, s)
		return
	}
	rep := people.Rep{PublicName: strings.TrimSpace(form.Get("name"))}
	if rep.Mail, ok = people.Mail(form.Get("mail")); !ok {
		s.Mail.Problem = s.say.Say(words.AdminBadMail)
	}
	if rep.PublicName == "" {
		s.Name.Problem = s.say.Say(words.AdminBadName)
	}
	f.checkNew(&s.Password, &s.Again, form, rep)
	if s.Mail.Problem+s.Name.Problem+s.Password.Problem+s.Again.Problem != "" {
		f.showFirst(w, r, http.StatusUnprocessableEntity, s)
		return
	}
	phc, err := f.hash(ctx, form.Get("new"))
	if err == nil {
		rep.ID, err = f.Store.TakeFirst(ctx, secret, rep, phc, now)
	}
	switch {
	case errors.Is(err, people.ErrTaken):
		s.Mail.Problem = s.say.Say(words.AdminMailTaken)
	case errors.Is(err, people.ErrBad):
		s.Name.Problem = s.say.Say(words.AdminBadName)
	case errors.Is(err, people.ErrUsed): // somebody else was first
		s.Code.Problem, s.Open = s.say.Say(words.AdminFirstWrong), false
	case err != nil:
		f.failHash(w, r, err)
		return
	default:
		f.Changed()
		f.enter(w, r, rep, "password", true, "/login/?did=founded")
		return
	}
	f.showFirst(w, r, http.StatusUnprocessableEntity, s)
}

// checkNew says what is wrong with a new password.
func (f *Frame) checkNew(password, again *web.Field, form url.Values, rep people.Rep) {
	var t talk
	typed := form.Get("new")
	switch err := people.CheckPassword(typed, rep, f.Organisation()); {
	case errors.Is(err, people.ErrShort):
		password.Problem = t.say.Say(words.AdminShort, people.MinPassword)
	case errors.Is(err, people.ErrLong):
		password.Problem = t.say.Say(words.AdminLong, people.MaxPassword)
	case errors.Is(err, people.ErrName):
		password.Problem = t.say.Say(words.AdminNamePassword)
	case err != nil:
		password.Problem = t.say.Say(words.AdminCommon)
	case typed != form.Get("again"):
		again.Problem = t.say.Say(words.AdminNotSame)
	}
}

// hash hashes a new password when it is its turn.
func (f *Frame) hash(ctx context.Context, password string) (phc string, err error) {
	err = f.hashing(ctx, func(ctx context.Context) (err error) {
		phc, err = f.Passwords.Hash(ctx, password)
		return err
	})
	return phc, err
}

// failHash answers where hashing failed, or what came after it.
func (f *Frame) failHash(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errBusy) {
		w.Header().Set("Retry-After", "10")
		web.Fail(w, r, http.StatusServiceUnavailable, words.AdminBusy)
		return
	}
	f.fail(w, r, err)
}

// resetShown is what the page of a reset link shows.
type resetShown struct {
	talk
	Form                  web.Form
	State                 string // "open", "factor", "approval"
	Invited               bool
	Name                  string
	Link                  string // for the script of passkeys
	ByCode, Passkeys      bool   // how the second factor is proved
	Code, Password, Again web.Field
}

// resetOf finds what a link is for. The link is in the path: a browser that
// opens it must hold it, it works once and for a day, and alone it is worth
// nothing (people.Reset).
func (f *Frame) resetOf(r *http.Request) (people.Hash, people.Reset, resetShown, people.Rep, error) {
	var s resetShown
	link := locks.TokenHash(r.PathValue("link"))
	reset, err := f.Store.Reset(r.Context(), link, f.Now())
	if err == nil && (reset.State == people.ResetOver || reset.State == people.ResetUsed) {
		err = people.ErrResetOver
	}
	if err != nil {
		return link, reset, s, people.Rep{}, err
	}
	all, err := f.Store.Organisation(r.Context())
	if err != nil {
		return link, reset, s, people.Rep{}, err
	}
	rep := all.Reps[reset.Rep]
	s.Name = rep.PublicName
	s.Invited = reset.State == people.ResetOpen && reset.ApprovedBy == 0 && !reset.NeedFactor
	s.Code = web.Field{Name: "code", Label: s.say.Say(words.AdminCode), Hint: s.say.Say(words.AdminCodeHint), Complete: "one-time-code", Required: true, Max: 64, Focus: true}
	s.Password, s.Again = newPassword(s.talk)
	s.Password.Focus = true
	switch _, _, refused := reset.Use(all, f.Now()); {
	case errors.Is(refused, people.ErrNeedsApproval): // a role may have come since
		s.State = "approval"
	case reset.State == people.ResetOpen:
		s.State = "open"
	case reset.NeedFactor:
		has, err := f.Store.Credentials(r.Context(), reset.Rep)
		if err != nil {
			return link, reset, s, rep, err
		}
		s.State, s.Link = "factor", r.PathValue("link")
		s.Passkeys, s.ByCode = f.Passkeys != nil && len(has.Passkeys) > 0, has.Confirmed || has.CodesLeft > 0
	default:
		s.State = "approval"
	}
	return link, reset, s, rep, nil
}

// noReset answers where a link is none, or over.
func (f *Frame) noReset(w http.ResponseWriter, r *http.Request, err error) bool {
	switch {
	case errors.Is(err, people.ErrResetOver):
		web.Fail(w, r, http.StatusNotFound, words.AdminResetOver)
	case err != nil:
		f.failHash(w, r, err)
	}
	return err != nil
}

func (f *Frame) showReset(w http.ResponseWriter, r *http.Request, status int, s resetShown) {
	s.Form = web.Check(s.say.Say(words.AdminCheck), s.Code, s.Password, s.Again)
	title := words.AdminResetTitle
	if s.Invited {
		title = words.AdminInvitedTitle
	}
	f.sheet(w, r, status, title, "reset", s)
}

func (f *Frame) resetPage(w http.ResponseWriter, r *http.Request) {
	_, _, s, _, err := f.resetOf(r)
	if f.noReset(w, r, err) {
		return
	}
	f.showReset(w, r, http.StatusOK, s)
}

// reset takes the second factor, or the new password, of whoever has a link.
func (f *Frame) reset(w http.ResponseWriter, r *http.Request) {
	form, ok := web.ReadForm(w, r, maxForm)
	if !ok {
		return
	}
	ctx, now := r.Context(), f.Now()
	link, reset, s, rep, err := f.resetOf(r)
	if f.noReset(w, r, err) {
		return
	}
	switch s.State {
	case "approval":
		f.showReset(w, r, http.StatusOK, s)
		return
	case "factor":
		has, err := f.Store.Credentials(ctx, reset.Rep)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		wait, right, err := f.tryFactor(r, reset.Rep, has, form.Get("code"))
		switch {
		case err != nil:
			f.fail(w, r, err)
		case wait > 0:
			s.Code.Problem = s.say.Say(words.AdminWait, s.Life(wait))
			f.showReset(w, r, http.StatusTooManyRequests, s)
		case !right:
			s.Code.Problem = s.say.Say(words.AdminWrongCode)
			f.showReset(w, r, http.StatusUnprocessableEntity, s)
		default:
			if !f.noReset(w, r, f.Store.OpenReset(ctx, link, now)) {
				http.Redirect(w, r, r.URL.EscapedPath(), http.StatusSeeOther)
			}
		}
		return
	}
	f.checkNew(&s.Password, &s.Again, form, rep)
	if s.Password.Problem+s.Again.Problem != "" {
		f.showReset(w, r, http.StatusUnprocessableEntity, s)
		return
	}
	phc, err := f.hash(ctx, form.Get("new"))
	if err == nil {
		err = f.Store.UseReset(ctx, link, phc, now)
	}
	if errors.Is(err, people.ErrNeedsApproval) { // a role came meanwhile
		http.Redirect(w, r, r.URL.EscapedPath(), http.StatusSeeOther)
		return
	}
	if !f.noReset(w, r, err) {
		http.Redirect(w, r, "/login/in?did=reset", http.StatusSeeOther)
	}
}
