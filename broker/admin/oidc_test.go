package admin

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

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
	rudi := h.person(1, "Rudi")
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
