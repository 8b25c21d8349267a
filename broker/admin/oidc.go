package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

const (
	// providerWait is how long an identity provider may take for one answer.
	providerWait = 10 * time.Second
	// knownFor is how long what a provider says about itself is believed.
	knownFor = time.Hour
)

// known is a provider and when it was asked.
type known struct {
	provider *oidc.Provider
	at       time.Time
}

// away is what must come back from an identity provider.
type away struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE, RFC 7636
	Next     string `json:"next"`
	Join     uint64 `json:"join"` // the rep who is signed in and shows who they are there; 0: somebody signs in
}

// provider finds out about an identity provider, and gives what signs in there.
func (f *Frame) provider(ctx context.Context, o settings.OIDC) (*oidc.Provider, *oauth2.Config, error) {
	secret := ""
	if len(o.Secret) > 0 {
		plain, err := f.Sealer.Open(0, o.Secret)
		if err != nil {
			return nil, nil, fmt.Errorf("opening the identity provider's secret: %w", err)
		}
		secret = string(plain)
	}
	f.mu.Lock()
	k, ok := f.providers[o.Issuer]
	f.mu.Unlock()
	if now := f.Now(); !ok || now.Sub(k.at) > knownFor {
		// The keys are asked for later on, when this request is over.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), f.Client), o.Issuer)
		if err != nil {
			return nil, nil, fmt.Errorf("asking the identity provider about itself: %w", err)
		}
		k = known{found, now}
		f.mu.Lock()
		f.providers[o.Issuer] = k
		f.mu.Unlock()
	}
	return k.provider, &oauth2.Config{
		ClientID: o.ClientID, ClientSecret: secret, Endpoint: k.provider.Endpoint(), RedirectURL: f.Origin + "/login/oidc/back",
		Scopes: []string{oidc.ScopeOpenID, "email", "profile", "groups"},
	}, nil
}

// oidcOf gives the identity provider, if there is one.
func (f *Frame) oidcOf(w http.ResponseWriter, r *http.Request) (settings.OIDC, bool) {
	rules, err := f.People(r.Context())
	switch {
	case err != nil:
		f.fail(w, r, err)
		return settings.OIDC{}, false
	case rules.OIDC == nil:
		web.Missing(w, r)
		return settings.OIDC{}, false
	}
	return *rules.OIDC, true
}

// oidcAway sends somebody to the identity provider. It keeps nothing here: what
// must come back is sealed in a cookie.
func (f *Frame) oidcAway(w http.ResponseWriter, r *http.Request) {
	o, ok := f.oidcOf(w, r)
	if !ok {
		return
	}
	to, err := f.awayTo(w, r, o, away{Next: r.URL.Query().Get("next")})
	switch {
	case errors.Is(err, errProvider):
		f.noProvider(w, r, err)
	case err != nil:
		f.fail(w, r, err)
	default:
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}

// errProvider: the identity provider can't be asked.
var errProvider = errors.New("admin: no answer by the identity provider")

// awayTo gives the address at the identity provider to which a browser goes.
func (f *Frame) awayTo(w http.ResponseWriter, r *http.Request, o settings.OIDC, sent away) (string, error) {
	_, at, err := f.provider(r.Context(), o)
	if err != nil {
		return "", errors.Join(errProvider, err)
	}
	sent.State, _ = locks.Token()
	sent.Nonce, _ = locks.Token()
	sent.Verifier = oauth2.GenerateVerifier()
	kept, err := json.Marshal(sent)
	if err == nil {
		err = f.begin(w, "oidc", 0, kept)
	}
	return at.AuthCodeURL(sent.State, oidc.Nonce(sent.Nonce), oauth2.S256ChallengeOption(sent.Verifier)), err
}

// joinProvider lets somebody who is signed in go to the identity provider to
// show who they are there. It is a link, not the answer to the form: a form of
// ours leads nowhere else.
func (f *Frame) joinProvider(v *visit) {
	o, ok := f.oidcOf(v.w, v.r)
	if !ok || !v.again() {
		return
	}
	to, err := f.awayTo(v.w, v.r, o, away{Join: v.rep.ID})
	switch {
	case errors.Is(err, errProvider):
		f.Log.Warn("the identity provider doesn't answer as it should", "error", err)
		v.showAccount(http.StatusBadGateway, v.say.Say(words.AdminProviderAway))
	case err != nil:
		v.fail(err)
	default:
		v.show(http.StatusOK, web.Page{
			Title: v.say.Say(words.AdminJoinTitle), Section: web.Account, Crumbs: v.accountCrumbs(), Template: "said",
			Data: said{v.say.Say(words.AdminJoinGo, o.Name), to, v.say.Say(words.AdminWithProvider, o.Name)},
		})
	}
}

// joined keeps who somebody is at the identity provider, who has just shown it
// in the browser in which they are signed in.
func (f *Frame) joined(w http.ResponseWriter, r *http.Request, b back) {
	v, err := f.visit(w, r)
	if err == nil && v.rep.ID != b.Join {
		err = people.ErrNoLogin
	}
	if err == nil {
		err = f.Store.JoinProvider(r.Context(), b.Join, b.Word, f.Now())
	}
	if s, ok := refused(err); ok && v != nil {
		v.showAccount(http.StatusUnprocessableEntity, v.say.Say(s))
		return
	}
	switch {
	case errors.Is(err, people.ErrNoLogin), errors.Is(err, errHalf), errors.Is(err, errNetwork):
		var t talk
		f.showSignIn(w, r, http.StatusUnprocessableEntity, "", "", t.say.Say(words.AdminProviderLate))
	case err != nil:
		f.fail(w, r, err)
	default:
		v.seeOther("/login/account", "joined")
	}
}

// refused says why an identity provider's word signs nobody in, or joins
// nothing; false where that is another fault.
func refused(err error) (words.Sentence, bool) {
	for _, known := range []struct {
		err error
		say words.Sentence
	}{
		{people.ErrNobody, words.AdminProviderUnknown},
		{people.ErrBad, words.AdminProviderNameless},
		{people.ErrOtherSubject, words.AdminProviderOther},
		{people.ErrOthersSubject, words.AdminProviderOthers},
		{people.ErrOwnWay, words.AdminProviderOwnWay},
		{people.ErrGivenMail, words.AdminProviderGiven},
	} {
		if errors.Is(err, known.err) {
			return known.say, true
		}
	}
	return "", false
}

func (f *Frame) noProvider(w http.ResponseWriter, r *http.Request, err error) {
	f.Log.Warn("the identity provider doesn't answer as it should", "error", err)
	var t talk
	f.showSignIn(w, r, http.StatusBadGateway, "", "", t.say.Say(words.AdminProviderAway))
}

// claims are what is read of an ID token.
type claims struct {
	Mail     string   `json:"email"`
	Verified any      `json:"email_verified"` // a boolean; some providers write it as a text
	Nonce    string   `json:"nonce"`
	Groups   []string `json:"groups"`
}

// back is what the identity provider says, and what was to come of it.
type back struct {
	people.Word
	away
	groups []string
}

// oidcBack takes what the identity provider says about somebody. It is the one
// GET that changes something, as the protocol has it; the sealed cookie, which
// works once, ties it to the browser that was sent away.
func (f *Frame) oidcBack(w http.ResponseWriter, r *http.Request) {
	o, ok := f.oidcOf(w, r)
	if !ok {
		return
	}
	var t talk
	b, err := f.broughtBack(w, r, o)
	switch {
	case errors.Is(err, errStep):
		f.showSignIn(w, r, http.StatusUnprocessableEntity, "", "", t.say.Say(words.AdminProviderLate))
		return
	case err != nil:
		f.noProvider(w, r, err)
		return
	case b.Join != 0:
		f.joined(w, r, b)
		return
	}
	rep, err := f.theirs(r.Context(), o, b)
	if s, ok := refused(err); ok {
		f.counts.refused.Add(1)
		f.showSignIn(w, r, http.StatusForbidden, "", "", t.say.Say(s))
		return
	}
	if err != nil {
		f.fail(w, r, err)
		return
	}
	f.enter(w, r, rep, "oidc", true, b.Next)
}

func (f *Frame) broughtBack(w http.ResponseWriter, r *http.Request, o settings.OIDC) (back, error) {
	ctx := oidc.ClientContext(r.Context(), f.Client)
	kept, err := f.finish(w, r, "oidc", 0)
	if err != nil {
		return back{}, err
	}
	var sent away
	q := r.URL.Query()
	if json.Unmarshal(kept, &sent) != nil || !locks.Same([]byte(q.Get("state")), []byte(sent.State)) {
		return back{}, errStep
	}
	if q.Get("error") != "" || q.Get("code") == "" { // somebody pressed "cancel" there
		return back{}, errStep
	}
	from, at, err := f.provider(r.Context(), o)
	if err != nil {
		return back{}, err
	}
	token, err := at.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(sent.Verifier))
	if err != nil {
		return back{}, fmt.Errorf("exchanging the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	verifier := from.VerifierContext(ctx, &oidc.Config{ClientID: o.ClientID, Now: f.Now})
	id, err := verifier.Verify(ctx, raw)
	if err != nil {
		return back{}, fmt.Errorf("verifying the ID token: %w", err)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return back{}, fmt.Errorf("reading the ID token: %w", err)
	}
	if !locks.Same([]byte(c.Nonce), []byte(sent.Nonce)) {
		return back{}, errStep
	}
	b := back{people.Word{Issuer: id.Issuer, Subject: id.Subject}, sent, c.Groups}
	if c.Verified == true || c.Verified == "true" {
		b.Mail = c.Mail
	} else {
		f.Log.Warn("the identity provider doesn't say that it has verified the mail address (claim email_verified)")
	}
	return b, nil
}

// theirs finds the rep of whom a provider speaks, and gives the roles of the
// groups that it names.
func (f *Frame) theirs(ctx context.Context, o settings.OIDC, b back) (people.Rep, error) {
	rep, err := f.Store.Meet(ctx, b.Word, f.Now())
	if err != nil {
		return people.Rep{}, err
	}
	var decided, held []string
	for group, role := range o.Roles {
		decided = append(decided, role)
		if slices.Contains(b.groups, group) {
			held = append(held, role)
		}
	}
	slices.Sort(decided)
	slices.Sort(held)
	changed, err := f.Store.SetMappedRoles(ctx, rep.ID, slices.Compact(decided), slices.Compact(held), f.Now())
	if errors.Is(err, people.ErrLastOwner) {
		f.Log.Warn("the identity provider would take the last owner's role away; it stays", "rep", rep.ID)
		return rep, nil
	}
	if changed {
		f.Changed()
	}
	return rep, err
}
