package admin

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail/broker/chromium"
	"handrail/broker/people"
	"handrail/broker/settings"
)

// provider is an identity provider with the standard library alone: OpenID
// Connect Core 1.0, code flow with PKCE.
type provider struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	now    func() time.Time

	claims    map[string]any // besides what every token has
	bend      func(map[string]any)
	signer    *rsa.PrivateKey // nil: key
	challenge string          // of the sign-in under way
	nonce     string
	secret    string // that the client gave
}

var b64 = base64.RawURLEncoding.EncodeToString

func newProvider(t *testing.T, now func() time.Time) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, now: now}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": p.server.URL, "authorization_endpoint": p.server.URL + "/authorize", "token_endpoint": p.server.URL + "/token",
			"jwks_uri": p.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		e := big.NewInt(int64(p.key.E)).Bytes()
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": b64(p.key.N.Bytes()), "e": b64(e)}}})
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) { // somebody is signed in there already
		q := p.asked(p.server.URL + r.URL.RequestURI())
		http.Redirect(w, r, q.Get("redirect_uri")+"?code=good&state="+q.Get("state"), http.StatusSeeOther)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if r.PostFormValue("code") != "good" || b64(sum[:]) != p.challenge {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]any{"error": "invalid_grant"})
			return
		}
		_, p.secret, _ = r.BasicAuth()
		if p.secret == "" {
			p.secret = r.PostFormValue("client_secret")
		}
		answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": p.token()})
	})
	p.server = httptest.NewTLSServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

// token is a signed ID token (RFC 7519, RS256).
func (p *provider) token() string {
	p.t.Helper()
	claims := map[string]any{
		"iss": p.server.URL, "sub": "7", "aud": "handrail", "iat": p.now().Unix(), "exp": p.now().Add(time.Minute).Unix(), "nonce": p.nonce,
	}
	maps.Copy(claims, p.claims)
	if p.bend != nil {
		p.bend(claims)
	}
	head, err := json.Marshal(map[string]string{"alg": "RS256", "kid": "1", "typ": "JWT"})
	if err != nil {
		p.t.Error(err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	signed := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(signed))
	key := p.key
	if p.signer != nil {
		key = p.signer
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return signed + "." + b64(signature)
}

// asked reads where a browser is sent, and remembers what must come back.
func (p *provider) asked(to string) url.Values {
	p.t.Helper()
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, p.server.URL+"/authorize?") {
		p.t.Fatalf("sent to %q, %v", to, err)
	}
	q := u.Query()
	p.challenge, p.nonce = q.Get("code_challenge"), q.Get("nonce")
	return q
}

// joined is a house with an identity provider.
func joined(t *testing.T) (*house, *provider) {
	t.Helper()
	h := newHouse(t)
	h.owner()
	p := newProvider(t, h.clock)
	h.frame.Client = p.server.Client()
	h.rule(func(s *settings.People) {
		s.OIDC = &settings.OIDC{
			Name: "ID", Issuer: p.server.URL, ClientID: "handrail", Secret: h.frame.Sealer.Seal(0, []byte("s3cret")),
			Roles: map[string]string{"admins": people.AdministratorRole, "audit": "auditor"},
		}
	})
	p.claims = map[string]any{"email": "Olga@Example.org", "email_verified": true, "groups": []string{"admins", "staff"}}
	return h, p
}

func TestK01AnIdentityProviderSignsInAndDecidesAboutItsRoles(t *testing.T) {
	h, p := joined(t)
	rudi := h.newcomer(1, "Rudi")
	p.claims["email"] = "rudi@example.org"
	h.rule(func(s *settings.People) { s.NeedFactor = true }) // the provider's business
	b := h.browser()
	h.want("the button", b.get("/login/in?next=/login/people"), http.StatusOK, "Sign in with ID")
	q := p.asked(b.get("/login/oidc?next=/login/people").to)
	for name, want := range map[string]string{
		"client_id": "handrail", "response_type": "code", "code_challenge_method": "S256", "redirect_uri": h.frame.Origin + "/login/oidc/back",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q", name, q.Get(name))
		}
	}
	h.want("back", b.get("/login/oidc/back?code=good&state="+q.Get("state")), http.StatusSeeOther, "/login/people")
	h.want("inside", b.get("/login/people"), http.StatusOK, "Rudi")
	if p.secret != "s3cret" {
		t.Errorf("the secret was %q", p.secret)
	}
	h.want("the same once more", b.get("/login/oidc/back?code=good&state="+q.Get("state")), http.StatusUnprocessableEntity, "took too long")

	// Without the group the role goes at the next sign-in; a role given here stays.
	_, err := h.store.Change(t.Context(), 1, people.SetRole{Role: people.Role{ID: "clerk", Name: "Clerk", May: people.Of(people.EditTeams)}}, start)
	h.must(err)
	_, err = h.store.Change(t.Context(), 1, people.GiveRole{Rep: rudi, Role: "clerk"}, start)
	h.must(err)
	p.claims["groups"] = []string{"staff"}
	q = p.asked(b.get("/login/oidc").to)
	b.get("/login/oidc/back?code=good&state=" + q.Get("state"))
	if o, err := h.store.Organisation(t.Context()); err != nil || o.May(rudi)[people.ManagePeople] || !o.May(rudi)[people.EditTeams] {
		t.Errorf("may %v, %v", o.May(rudi).List(), err)
	}
}

func TestK01WhatAnIdentityProviderSaysIsChecked(t *testing.T) {
	h, p := joined(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	h.must(err)
	for name, row := range map[string]struct {
		bend   func(map[string]any)
		signer *rsa.PrivateKey
		change func(url.Values)
		status int
		text   string
	}{
		"another key":         {signer: stranger, status: http.StatusBadGateway, text: "does not answer as it should"},
		"another client":      {bend: func(c map[string]any) { c["aud"] = "other" }, status: http.StatusBadGateway, text: "does not answer"},
		"another issuer":      {bend: func(c map[string]any) { c["iss"] = "https://evil.example.org" }, status: http.StatusBadGateway, text: "does not answer"},
		"too old":             {bend: func(c map[string]any) { c["exp"] = start.Add(-time.Hour).Unix() }, status: http.StatusBadGateway, text: "does not answer"},
		"another nonce":       {bend: func(c map[string]any) { c["nonce"] = "x" }, status: http.StatusUnprocessableEntity, text: "took too long"},
		"no nonce":            {bend: func(c map[string]any) { delete(c, "nonce") }, status: http.StatusUnprocessableEntity, text: "took too long"},
		"not verified":        {bend: func(c map[string]any) { c["email_verified"] = false }, status: http.StatusForbidden, text: "nobody here has"},
		"verified by silence": {bend: func(c map[string]any) { delete(c, "email_verified") }, status: http.StatusForbidden, text: "nobody here has"},
		"unknown":             {bend: func(c map[string]any) { c["email"] = "eve@example.org" }, status: http.StatusForbidden, text: "nobody here has"},
		"no address":          {bend: func(c map[string]any) { delete(c, "email") }, status: http.StatusForbidden, text: "nobody here has"},
		"another state":       {change: func(q url.Values) { q.Set("state", "x") }, status: http.StatusUnprocessableEntity, text: "took too long"},
		"no state":            {change: func(q url.Values) { q.Del("state") }, status: http.StatusUnprocessableEntity, text: "took too long"},
		"a wrong code":        {change: func(q url.Values) { q.Set("code", "bad") }, status: http.StatusBadGateway, text: "does not answer"},
		"cancelled":           {change: func(q url.Values) { q.Set("error", "access_denied"); q.Del("code") }, status: http.StatusUnprocessableEntity, text: "broken off"},
		"nonsense for claims": {bend: func(c map[string]any) { c["email"] = []int{1} }, status: http.StatusBadGateway, text: "does not answer"},
		"a huge code":         {change: func(q url.Values) { q.Set("code", strings.Repeat("x", 5000)) }, status: http.StatusBadGateway, text: "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t
			b := h.browser()
			q := p.asked(b.get("/login/oidc").to)
			p.bend, p.signer = row.bend, row.signer
			back := url.Values{"code": {"good"}, "state": {q.Get("state")}}
			if row.change != nil {
				row.change(back)
			}
			h.want(name, b.get("/login/oidc/back?"+back.Encode()), row.status, row.text)
			h.want("inside", b.get("/login/"), http.StatusSeeOther, "/login/in")
		})
	}
	h.t = t
	p.bend, p.signer = nil, nil
	mine, theirs := h.browser(), h.browser()
	q := p.asked(theirs.get("/login/oidc").to)
	h.want("another browser's", mine.get("/login/oidc/back?code=good&state="+q.Get("state")), http.StatusUnprocessableEntity, "took too long")
	h.pass(stepLife)
	h.want("too late", theirs.get("/login/oidc/back?code=good&state="+q.Get("state")), http.StatusUnprocessableEntity, "took too long")
	p.server.Close()
	h.frame.providers = map[string]known{}
	h.want("the provider is away", mine.get("/login/oidc"), http.StatusBadGateway, "does not answer")
	h.rule(func(s *settings.People) { s.OIDC = nil })
	h.want("without one", mine.get("/login/oidc"), http.StatusNotFound, "no such page")
	if o, err := h.store.Organisation(t.Context()); err != nil || len(o.Holdings) != 1 {
		t.Errorf("roles were given: %+v, %v", o.Holdings, err)
	}
}

// newcomer adds a rep who has never come in.
func (h *house) newcomer(by uint64, name string) uint64 {
	h.t.Helper()
	id, err := h.store.Change(h.t.Context(), by, people.SetRep{Rep: people.Rep{PublicName: name, Mail: strings.ToLower(name) + "@example.org"}}, start)
	h.must(err)
	return id
}

// through signs somebody in by the provider, in a browser of their own, by what
// it says: the subject and the mail address.
func (h *house) through(p *provider, subject any, mail string) (*browser_, answer) {
	h.t.Helper()
	p.claims["sub"], p.claims["email"], p.claims["groups"] = subject, mail, []string{}
	b := h.browser()
	q := p.asked(b.get("/login/oidc").to)
	return b, b.get("/login/oidc/back?code=good&state=" + q.Get("state"))
}

// mailed gives a rep another mail address.
func (h *house) mailed(by, rep uint64, mail string) {
	h.t.Helper()
	o, err := h.store.Organisation(h.t.Context())
	h.must(err)
	r := o.Reps[rep]
	r.Mail = mail
	_, err = h.store.Change(h.t.Context(), by, people.SetRep{Rep: r}, start)
	h.must(err)
}

func TestK01NoAdministratorSignsInAsAnotherByAMailAddressOfTheirs(t *testing.T) {
	h, p := joined(t)
	anna, berta := h.person(1, "Anna", people.AdministratorRole), h.person(1, "Berta", people.AdministratorRole)
	rudi := h.newcomer(1, "Rudi")
	_, got := h.through(p, "rudi-7", "rudi@example.org")
	h.want("the first time", got, http.StatusSeeOther, "/login/")
	h.mailed(anna, rudi, "evil@example.org")
	_, got = h.through(p, "anna-1", "evil@example.org")
	h.want("as Rudi, by an address that was given him", got, http.StatusForbidden, "known by another account at the identity provider")
	_, got = h.through(p, "rudi-7", "rudi@example.org")
	h.want("Rudi, with the address of before", got, http.StatusSeeOther, "/login/")
	_, got = h.through(p, "rudi-7", "anna@example.org")
	h.want("Rudi, with another's address", got, http.StatusSeeOther, "/login/")
	for _, subject := range []string{"RUDI-7", "rudi-7 ", "8"} {
		_, got = h.through(p, subject, "evil@example.org")
		h.want(subject, got, http.StatusForbidden, "known by another account")
	}
	for _, nameless := range []any{"", strings.Repeat("x", 300), "a\x00b", "ß"} {
		_, got = h.through(p, nameless, "evil@example.org")
		h.want("a subject that can't be kept", got, http.StatusForbidden, "does not say who you are")
	}

	in := h.in("anna")
	h.want("the page", in.get("/login/people/4"), http.StatusOK, "Known since <time")
	h.want("the log", in.get("/login/audit?what=provider"), http.StatusOK, "Somebody at the identity provider")
	h.want("an invitation is none", in.post("/login/people/4/reset"), http.StatusOK, "until another administrator has agreed")
	_, got = h.through(p, "rudi-7", "rudi@example.org")
	h.want("Rudi, while it waits", got, http.StatusSeeOther, "/login/")

	// Two administrators forget who he was there.
	reset := people.Hash{9}
	_, err := h.store.StartReset(t.Context(), reset, anna, rudi, false, start)
	h.must(err)
	h.must(h.store.ApproveReset(t.Context(), reset, berta, start))
	h.must(h.store.UseReset(t.Context(), reset, h.hash(good), start))
	_, got = h.through(p, "rudi-8", "evil@example.org")
	h.want("by the address alone, after a reset", got, http.StatusForbidden, "Sign in here as you did until now")
	rudis := h.in("evil")
	h.want("he is not known", rudis.get("/login/account"), http.StatusOK, "You are not known there yet")
	h.connect(rudis, p, "rudi-8")
	h.want("and is now", rudis.get("/login/account"), http.StatusOK, "You are known there by your account since")
	_, got = h.through(p, "rudi-8", "elsewhere@example.org")
	h.want("by the new account", got, http.StatusSeeOther, "/login/")
	_, got = h.through(p, "rudi-7", "rudi@example.org")
	h.want("by the one of before", got, http.StatusForbidden, "nobody here has that mail address")
}

// connect lets somebody who is signed in say who they are at the provider.
func (h *house) connect(b *browser_, p *provider, subject string) {
	h.t.Helper()
	h.want("connecting", h.back(b, p, subject), http.StatusSeeOther, "/login/account?did=joined")
}

var linkAway = regexp.MustCompile(`href="(https://127[^"]+/authorize[^"]+)"`)

// back is the answer to what the provider says after a press on Connect.
func (h *house) back(b *browser_, p *provider, subject string) answer {
	h.t.Helper()
	got := b.post("/login/account/provider", "password", good)
	h.want("the way there", got, http.StatusOK, "Sign in with ID")
	found := linkAway.FindStringSubmatch(got.body)
	if found == nil {
		h.t.Fatalf("no link to the provider:\n%s", main(got.body))
	}
	p.claims["sub"] = subject
	return b.get("/login/oidc/back?code=good&state=" + p.asked(html.UnescapeString(found[1])).Get("state"))
}

func TestK01WhoHasAPasswordSaysWhoTheyAreAtTheProvider(t *testing.T) {
	h, p := joined(t)
	rudi := h.person(1, "Rudi")
	_, got := h.through(p, "rudi", "rudi@example.org")
	h.want("by the address", got, http.StatusForbidden, "Sign in here as you did until now")
	b, olga := h.in("rudi"), h.in("olga")
	h.want("without the password", b.post("/login/account/provider", "password", "wrong"), http.StatusUnprocessableEntity, "This is not your password")
	h.connect(b, p, "rudi")
	h.want("another's account", h.back(olga, p, "rudi"), http.StatusUnprocessableEntity, "belongs to somebody else")
	h.want("a second account", h.back(b, p, "rudi-2"), http.StatusUnprocessableEntity, "known by another account")
	h.want("without a subject", h.back(olga, p, ""), http.StatusUnprocessableEntity, "does not say who you are")
	_, got = h.through(p, "rudi", "anything@example.org")
	h.want("by the account", got, http.StatusSeeOther, "/login/")

	// Who has signed out meanwhile, or is somebody else now, is joined to nothing.
	away := func(name string) (*browser_, string) {
		b := h.in(name)
		got := b.post("/login/account/provider", "password", good)
		found := linkAway.FindStringSubmatch(got.body)
		p.claims["sub"] = "olga"
		return b, "/login/oidc/back?code=good&state=" + p.asked(html.UnescapeString(found[1])).Get("state")
	}
	gone, back := away("olga")
	gone.post("/login/out")
	h.want("signed out", gone.get(back), http.StatusUnprocessableEntity, "took too long")
	gone, back = away("olga")
	gone.post("/login/in", "mail", "rudi@example.org", "password", good)
	h.want("as somebody else", gone.get(back), http.StatusUnprocessableEntity, "took too long")
	if known, err := h.store.KnownAt(t.Context(), 1); err != nil || len(known) != 0 {
		t.Errorf("Olga is known as %+v, %v", known, err)
	}
	if known, err := h.store.KnownAt(t.Context(), rudi); err != nil || len(known) != 1 {
		t.Errorf("Rudi is known as %+v, %v", known, err)
	}
	p.server.Close()
	h.frame.providers = map[string]known{}
	h.want("the provider is away", olga.post("/login/account/provider", "password", good), http.StatusBadGateway, "does not answer")
	h.rule(func(s *settings.People) { s.OIDC = nil })
	h.want("without one", olga.post("/login/account/provider", "password", good), http.StatusNotFound, "no such page")
}

func TestK01AnotherProviderBeginsAnew(t *testing.T) {
	h, p := joined(t)
	anna := h.person(1, "Anna", people.AdministratorRole)
	rudi := h.newcomer(1, "Rudi")
	h.newcomer(1, "Lena")
	for _, name := range []string{"rudi", "lena"} {
		_, got := h.through(p, name, name+"@example.org")
		h.want(name, got, http.StatusSeeOther, "/login/")
	}
	h.mailed(anna, rudi, "evil@example.org")
	next := newProvider(t, h.clock)
	next.claims = map[string]any{"email_verified": true}
	h.frame.Client = next.server.Client()
	h.rule(func(s *settings.People) {
		s.OIDC = &settings.OIDC{Name: "Next", Issuer: next.server.URL, ClientID: "handrail"}
	})
	_, got := h.through(next, "rudi", "evil@example.org")
	h.want("the address came from an administrator", got, http.StatusForbidden, "an administrator has given your account this mail address")
	_, got = h.through(next, "another subject", "lena@example.org")
	h.want("the provider of before has confirmed it", got, http.StatusSeeOther, "/login/")
}

// TestTheWayThroughTheProvider goes there and back in a real browser (row K01).
func TestTheWayThroughTheProvider(t *testing.T) {
	h, p := joined(t)
	rudi := h.person(1, "Rudi", people.AdministratorRole)
	p.claims["sub"], p.claims["email"] = "248289761001", "rudi@example.org"
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/in")
	w.Follow(`a[href="/login/oidc"]`)
	w.WaitText("Sign in here as you did until now")
	looksRefused(t, w, "provider-own-way")
	signsIn(w, "rudi")
	w.Go("/login/account")
	w.Click(`details:has([action="/login/account/provider"]) summary`)
	w.Looks("provider-not-yet")
	w.Type(`[action="/login/account/provider"] [name="password"]`, good)
	w.Follow(`[action="/login/account/provider"] button`)
	w.Looks("provider-go")
	w.Follow("main a.button")
	w.WaitText("You are known at the identity provider now")
	w.Looks("provider-known")
	w.Go("/login/people/" + strconv.FormatUint(rudi, 10))
	w.Looks("provider-person")
	w.Go("/login/audit?what=provider")
	w.Looks("provider-audit")
}
