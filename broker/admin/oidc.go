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
	_, at, err := f.provider(r.Context(), o)
	if err != nil {
		f.noProvider(w, r, err)
		return
	}
	state, _ := locks.Token()
	nonce, _ := locks.Token()
	sent := away{State: state, Nonce: nonce, Verifier: oauth2.GenerateVerifier(), Next: r.URL.Query().Get("next")}
	kept, err := json.Marshal(sent)
	if err == nil {
		err = f.begin(w, "oidc", 0, kept)
	}
	if err != nil {
		f.fail(w, r, err)
		return
	}
	http.Redirect(w, r, at.AuthCodeURL(sent.State, oidc.Nonce(sent.Nonce), oauth2.S256ChallengeOption(sent.Verifier)), http.StatusSeeOther)
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

// errNotThem: the provider doesn't say that this is one of our reps.
var errNotThem = errors.New("admin: not known by the identity provider's word")

// oidcBack takes what the identity provider says about somebody. It is the one
// GET that changes something, as the protocol has it; the sealed cookie, which
// works once, ties it to the browser that was sent away.
func (f *Frame) oidcBack(w http.ResponseWriter, r *http.Request) {
	o, ok := f.oidcOf(w, r)
	if !ok {
		return
	}
	var t talk
	rep, next, err := f.broughtBack(w, r, o)
	switch {
	case errors.Is(err, errStep):
		f.showSignIn(w, r, http.StatusUnprocessableEntity, "", "", t.say.Say(words.AdminProviderLate))
		return
	case errors.Is(err, errNotThem):
		f.showSignIn(w, r, http.StatusForbidden, "", "", t.say.Say(words.AdminProviderUnknown))
		return
	case err != nil:
		f.noProvider(w, r, err)
		return
	}
	f.enter(w, r, rep, "oidc", true, next)
}

func (f *Frame) broughtBack(w http.ResponseWriter, r *http.Request, o settings.OIDC) (people.Rep, string, error) {
	ctx := oidc.ClientContext(r.Context(), f.Client)
	kept, err := f.finish(w, r, "oidc", 0)
	if err != nil {
		return people.Rep{}, "", err
	}
	var sent away
	q := r.URL.Query()
	if json.Unmarshal(kept, &sent) != nil || !locks.Same([]byte(q.Get("state")), []byte(sent.State)) {
		return people.Rep{}, "", errStep
	}
	if q.Get("error") != "" || q.Get("code") == "" { // somebody pressed "cancel" there
		return people.Rep{}, "", errStep
	}
	from, at, err := f.provider(r.Context(), o)
	if err != nil {
		return people.Rep{}, "", err
	}
	token, err := at.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(sent.Verifier))
	if err != nil {
		return people.Rep{}, "", fmt.Errorf("exchanging the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	verifier := from.VerifierContext(ctx, &oidc.Config{ClientID: o.ClientID, Now: f.Now})
	id, err := verifier.Verify(ctx, raw)
	if err != nil {
		return people.Rep{}, "", fmt.Errorf("verifying the ID token: %w", err)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return people.Rep{}, "", fmt.Errorf("reading the ID token: %w", err)
	}
	if !locks.Same([]byte(c.Nonce), []byte(sent.Nonce)) {
		return people.Rep{}, "", errStep
	}
	rep, err := f.theirs(ctx, o, c)
	return rep, sent.Next, err
}

// theirs finds the rep of whom a provider speaks, and gives the roles of the
// groups that it names.
func (f *Frame) theirs(ctx context.Context, o settings.OIDC, c claims) (people.Rep, error) {
	if c.Verified != true && c.Verified != "true" {
		f.Log.Warn("the identity provider doesn't say that it has verified the mail address (claim email_verified)")
		return people.Rep{}, errNotThem
	}
	all, err := f.Store.Organisation(ctx)
	if err != nil {
		return people.Rep{}, err
	}
	rep, ok := byMail(all, c.Mail)
	if !ok || rep.Disabled {
		return people.Rep{}, errNotThem
	}
	var decided, held []string
	for group, role := range o.Roles {
		decided = append(decided, role)
		if slices.Contains(c.Groups, group) {
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
