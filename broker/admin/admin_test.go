package admin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"handrail/broker/lobby"
	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/broker/web"
)

const (
	good  = "vier alte Fische singen"
	other = "drei junge Wale tanzen"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// house is the administration of an organisation, on a store of its own.
type house struct {
	t      *testing.T
	store  *store.Store
	frame  *Frame
	server *httptest.Server
	log    bytes.Buffer

	mu    sync.Mutex // guards the following
	now   time.Time
	rules settings.People

	changed, revoked int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: start}
	var err error
	if h.store, err = store.Open(t.Context(), store.Place{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	sealer, err := locks.NewSealer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	site := http.NewServeMux()
	site.Handle(web.Static.Prefix(), web.Guard(web.Static))
	site.HandleFunc("/login/", func(w http.ResponseWriter, r *http.Request) { h.frame.ServeHTTP(w, r) })
	h.server = httptest.NewUnstartedServer(site)
	h.server.StartTLS()
	t.Cleanup(h.server.Close)
	origin := strings.Replace(h.server.URL, "127.0.0.1", "localhost", 1)
	passkeys, err := locks.NewPasskeys("localhost", origin, "Grüner Zweig")
	if err != nil {
		t.Fatal(err)
	}
	h.frame = New(Config{
		Store: h.store, Passwords: locks.NewPasswords(), Sealer: sealer, Passkeys: passkeys, Origin: origin,
		Organisation: func() string { return "Grüner Zweig" },
		People:       func(context.Context) (settings.People, error) { h.mu.Lock(); defer h.mu.Unlock(); return h.rules, nil },
		Floor: func() lobby.Floor {
			return lobby.Floor{
				Reps: []lobby.FloorRep{{Rep: 1, Sessions: 2}}, Running: 2,
				Queues: []lobby.FloorQueue{
					{Queue: "general", Waiting: 3, Longest: 4 * time.Minute, Reps: 1},
					{Queue: "team:1", Waiting: 1, Longest: 20 * time.Second, Reps: 1},
					{Queue: "rep:1", Reps: 1},
				},
			}
		},
		Changed: func() { h.mu.Lock(); h.changed++; h.mu.Unlock() },
		Revoked: func() { h.mu.Lock(); h.revoked++; h.mu.Unlock() },
		Now:     h.clock, Log: slog.New(slog.NewTextHandler(&h.log, nil)), Client: h.server.Client(),
	})
	return h
}

func (h *house) clock() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

func (h *house) pass(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

func (h *house) rule(change func(*settings.People)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.rules)
}

// must ends the test at an error.
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// owner makes the first administrator, 100 days ago.
func (h *house) owner() uint64 {
	h.t.Helper()
	old := start.Add(-100 * 24 * time.Hour)
	h.must(h.store.AddFirst(h.t.Context(), people.Hash{1}, old, old.Add(time.Hour)))
	id, err := h.store.TakeFirst(h.t.Context(), people.Hash{1}, people.Rep{PublicName: "Olga", Mail: "olga@example.org"}, h.hash(good), old)
	h.must(err)
	return id
}

func (h *house) hash(password string) string {
	h.t.Helper()
	phc, err := h.frame.Passwords.Hash(h.t.Context(), password)
	h.must(err)
	return phc
}

// person adds a rep with a password, long ago, who holds roles.
func (h *house) person(by uint64, name string, roles ...string) uint64 {
	h.t.Helper()
	old := start.Add(-50 * 24 * time.Hour)
	id, err := h.store.Change(h.t.Context(), by, people.SetRep{Rep: people.Rep{PublicName: name, Mail: strings.ToLower(name) + "@example.org"}}, old)
	h.must(err)
	h.must(h.store.SetPassword(h.t.Context(), id, h.hash(good), people.Hash{}, old))
	for _, r := range roles {
		_, err := h.store.Change(h.t.Context(), by, people.GiveRole{Rep: id, Role: r}, old)
		h.must(err)
	}
	return id
}

// app gives a rep an authenticator app, and what it shows now.
func (h *house) app(rep uint64) func() string {
	h.t.Helper()
	secret := locks.NewTOTP()
	h.must(h.store.SetTOTP(h.t.Context(), rep, h.frame.Sealer.Seal(rep, secret), h.clock()))
	h.must(h.store.StepTOTP(h.t.Context(), rep, 1, h.clock()))
	return func() string {
		h.t.Helper()
		code, err := totp.GenerateCode(locks.TOTPText(secret), h.clock())
		h.must(err)
		return code
	}
}

// dump is everything that the house keeps.
func (h *house) dump() string {
	h.t.Helper()
	var b bytes.Buffer
	h.must(h.store.Dump(h.t.Context(), &b))
	return b.String()
}

// browser is somebody's browser.
type browser_ struct {
	h      *house
	client *http.Client
}

func (h *house) browser() *browser_ {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &browser_{h, &http.Client{
		Jar: jar, Transport: h.server.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what comes back.
type answer struct {
	status   int
	body, to string
	header   http.Header
}

// has says whether a text can be read.
func (a answer) has(text string) bool { return strings.Contains(html.UnescapeString(a.body), text) }

func (b *browser_) do(r *http.Request) answer {
	b.h.t.Helper()
	got, err := b.client.Do(r)
	b.h.must(err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	b.h.must(err)
	return answer{got.StatusCode, string(body), got.Header.Get("Location"), got.Header}
}

func (b *browser_) get(path string) answer {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodGet, b.h.server.URL+path, nil)
	b.h.must(err)
	return b.do(r)
}

// post sends a form as a browser does: names and values in turn. Unless they say
// otherwise, the form is from a page that was opened just now.
func (b *browser_) post(path string, pairs ...string) answer {
	b.h.t.Helper()
	return b.postTo(b.h.server.URL, path, pairs...)
}

// postTo sends it to a broker of several.
func (b *browser_) postTo(broker, path string, pairs ...string) answer {
	b.h.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	if !v.Has(web.FieldOnce) {
		v.Set(web.FieldOnce, web.NewOnce())
	}
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodPost, broker+path, strings.NewReader(v.Encode()))
	b.h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// in signs somebody in who has no second factor.
func (h *house) in(name string) *browser_ {
	h.t.Helper()
	b := h.browser()
	if got := b.post("/login/in", "mail", name+"@example.org", "password", good); got.status != http.StatusSeeOther || got.to != "/login/" {
		h.t.Fatalf("signing in as %s: %d to %q", name, got.status, got.to)
	}
	return b
}

var fieldValue = regexp.MustCompile(`<input type="hidden" name="was" value="([0-9a-f]+)">`)

// was is the stamp of the form on a page.
func (b *browser_) was(path string) string {
	b.h.t.Helper()
	found := fieldValue.FindStringSubmatch(b.get(path).body)
	if found == nil {
		b.h.t.Fatalf("no form on %s", path)
	}
	return found[1]
}

// want ends the test unless an answer is as it should be.
func (h *house) want(what string, got answer, status int, text string) {
	h.t.Helper()
	if got.status != status || !got.has(text) && !strings.Contains(got.to, text) {
		h.t.Fatalf("%s: %d to %q, want %d and %q\n%s", what, got.status, got.to, status, text, main(got.body))
	}
}

// main is the middle of a page.
func main(page string) string {
	if _, after, ok := strings.Cut(page, "<main"); ok {
		page, _, _ = strings.Cut(after, "</main>")
	}
	return page
}

func TestA02WithoutACodeOfTheCommandNobodyBecomesAnOwner(t *testing.T) {
	h := newHouse(t)
	const code = "7K2PX-0M4QD-ZZT18-ABCDE"
	h.must(h.store.AddFirst(t.Context(), people.CodeHash(code), h.now, h.now.Add(time.Hour)))
	b := h.browser()
	h.want("the page", b.get("/login/first"), http.StatusOK, "broker first-admin")
	form := func(code string) []string {
		return []string{"code", code, "name", "Olga", "mail", "Olga@Example.org ", "new", good, "again", good}
	}
	h.want("a wrong code", b.post("/login/first", form("AAAAA-AAAAA-AAAAA-AAAAA")...), http.StatusUnprocessableEntity, "not right")
	h.want("no code", b.post("/login/first", form("")...), http.StatusUnprocessableEntity, "not right")
	h.want("the right one", b.post("/login/first", "code", " 7k2px 0m4qd zzt18 abcde"), http.StatusOK, "The code is right")
	bad := form(code)
	bad[7], bad[9] = "short", "short"
	h.want("a short password", b.post("/login/first", bad...), http.StatusUnprocessableEntity, "Too short")
	bad[7], bad[9] = good, other
	h.want("not the same", b.post("/login/first", bad...), http.StatusUnprocessableEntity, "not the same")
	bad[5] = "nobody"
	h.want("no address", b.post("/login/first", bad...), http.StatusUnprocessableEntity, "not a mail address")
	if o, err := h.store.Organisation(t.Context()); err != nil || len(o.Reps) != 0 {
		t.Fatalf("somebody is there: %+v, %v", o.Reps, err)
	}
	h.want("all of it", b.post("/login/first", form(code)...), http.StatusSeeOther, "/login/?did=founded")
	h.want("signed in", b.get("/login/?did=founded"), http.StatusOK, "You are an owner")
	h.want("the code again", h.browser().post("/login/first", form(code)...), http.StatusUnprocessableEntity, "not right")
	for range 25 {
		b.post("/login/first", "code", "x")
	}
	h.want("guessing", b.post("/login/first", "code", "x"), http.StatusTooManyRequests, "Please try again in")
}

func TestK01ASignInTellsNobodyWhoHasAnAccount(t *testing.T) {
	h := newHouse(t)
	owner := h.owner()
	rudi := h.person(owner, "Rudi")
	h.person(owner, "Dora")
	h.want("the page", h.browser().get("/login/in"), http.StatusOK, "Mail address")
	dora, err := h.store.Organisation(t.Context())
	h.must(err)
	for id, r := range dora.Reps {
		if r.PublicName == "Dora" {
			r.Disabled = true
			_, err := h.store.Change(t.Context(), owner, people.SetRep{Rep: r}, start)
			h.must(err)
			_ = id
		}
	}
	h.app(rudi)
	var pages []string
	for _, row := range [][2]string{
		{"olga@example.org", "wrong"},
		{"nobody@example.org", good},
		{"dora@example.org", good},
		{"rudi@example.org", "wrong"},
		{"", ""},
		{"olga", good},
		{strings.Repeat("x", 9000) + "@example.org", good},
		{"olga@example.org", strings.Repeat(good, 1000)},
		{"olga@example.org\x00", good},
	} {
		got := h.browser().post("/login/in", "mail", row[0], "password", row[1])
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%.40q: %d", row, got.status)
		}
		pages = append(pages, strings.ReplaceAll(html.UnescapeString(got.body), row[0], ""))
	}
	for i, p := range pages[:6] {
		if p != pages[0] && i != 4 {
			t.Errorf("answer %d tells more than the first:\n%s\n%s", i, main(p), main(pages[0]))
		}
	}
	in := h.in("olga")
	h.want("inside", in.get("/login/"), http.StatusOK, "Hello, Olga")
}

func TestK01WrongTriesWaitWhoeverTheyAreFor(t *testing.T) {
	for _, mail := range []string{"olga@example.org", "nobody@example.org"} {
		h := newHouse(t)
		h.owner()
		b := h.browser()
		for i := range 5 {
			if got := b.post("/login/in", "mail", mail, "password", "wrong"); got.status != http.StatusUnprocessableEntity {
				t.Fatalf("try %d: %d", i, got.status)
			}
		}
		got := b.post("/login/in", "mail", strings.ToUpper(mail), "password", good)
		h.want("too soon", got, http.StatusTooManyRequests, "Please try again in a second")
		if got.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
		}
		h.pass(time.Second)
		told := Counts{Refused: 5, Delayed: 1}
		if mail == "olga@example.org" {
			h.want("after the wait", b.post("/login/in", "mail", mail, "password", good), http.StatusSeeOther, "/login/")
			told.SignedIn = 1
		}
		if got := h.frame.Counts(); got != told {
			t.Errorf("who watches is told %+v", got)
		}
	}
}

func TestK01TheSecondFactorIsNeededAndWorksOnce(t *testing.T) {
	h := newHouse(t)
	owner := h.owner()
	code := h.app(owner)
	h.must(h.store.SetRecoveryCodes(t.Context(), owner, []people.Hash{people.CodeHash("AAAAA-BBBBB-CCCCC")}, start))
	half := func() *browser_ {
		b := h.browser()
		h.want("the password", b.post("/login/in", "mail", "olga@example.org", "password", good, "next", "/login/people?q=a"), http.StatusSeeOther, "/login/factor?next=%2Flogin%2Fpeople%3Fq%3Da")
		return b
	}
	b := half()
	h.want("inside without it", b.get("/login/people"), http.StatusSeeOther, "/login/factor?next=%2Flogin%2Fpeople")
	h.want("a change without it", b.post("/login/people/new", "name", "X"), http.StatusSeeOther, "/login/factor")
	h.want("the page", b.get("/login/factor?next=/login/people"), http.StatusOK, "One more step")
	for _, wrong := range []string{"", "000000", "12345", strings.Repeat("1", 5000)} {
		h.want("wrong", b.post("/login/factor", "code", wrong), http.StatusUnprocessableEntity, "not right")
	}
	right := code()
	h.want("right", b.post("/login/factor", "code", right[:3]+" "+right[3:], "next", "/login/people?q=a"), http.StatusSeeOther, "/login/people?q=a")
	h.want("inside", b.get("/login/people"), http.StatusOK, "Olga")
	h.want("twice", b.post("/login/factor", "code", right), http.StatusSeeOther, "/login/in")
	again := half()
	h.want("the same code again", again.post("/login/factor", "code", right), http.StatusUnprocessableEntity, "used already")
	h.want("a recovery code", again.post("/login/factor", "code", "aaaaa bbbbb ccccc"), http.StatusSeeOther, "/login/")
	third := half()
	h.want("it again", third.post("/login/factor", "code", "AAAAA-BBBBB-CCCCC"), http.StatusUnprocessableEntity, "used already")
	for range 4 {
		third.post("/login/factor", "code", "000000")
	}
	h.want("guessing", third.post("/login/factor", "code", code()), http.StatusTooManyRequests, "Please try again in")
	h.pass(factorLife)
	h.want("too late", third.post("/login/factor", "code", code()), http.StatusSeeOther, "/login/in")
	if got, told := h.frame.Counts(), (Counts{SignedIn: 2, Refused: 10, Delayed: 1}); got != told {
		t.Errorf("who watches is told %+v", got)
	}
}

func TestK01WhoIsAwayIsSignedOutAndAskingHowLongIsLeftIsNoSignOfLife(t *testing.T) {
	h := newHouse(t)
	h.owner()
	h.rule(func(p *settings.People) { p.IdleMinutes = 10 })
	b := h.in("olga")
	h.pass(9 * time.Minute)
	for range 2 {
		if got := b.get("/login/here"); got.status != http.StatusOK || !got.has(`"left":60`) {
			t.Errorf("left: %d %s", got.status, got.body)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+"/login/here", nil)
	h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if got := b.do(r); got.status != http.StatusOK || !got.has(`"left":600`) {
		t.Errorf("here: %d %s", got.status, got.body)
	}
	h.pass(9 * time.Minute)
	h.want("still inside", b.get("/login/"), http.StatusOK, "Hello")
	h.pass(10 * time.Minute)
	if got := b.get("/login/here"); got.status != http.StatusUnauthorized {
		t.Errorf("left: %d", got.status)
	}
	got := b.get("/login/people?q=x")
	h.want("outside", got, http.StatusSeeOther, "did=over&next=%2Flogin%2Fpeople%3Fq%3Dx")
	h.want("told why", b.get(got.to), http.StatusOK, "You have been signed out")
	busy := h.in("olga")
	for range 12 * 7 {
		h.pass(9 * time.Minute)
		busy.get("/login/")
	}
	h.want("after 12 hours however busy", busy.get("/login/"), http.StatusSeeOther, "/login/in")
}

func TestK01OnlyPagesOfOursFollowASignIn(t *testing.T) {
	for next, want := range map[string]string{
		"": "/login/", "/login/people?q=a b": "/login/people?q=a b", "https://evil.example.org/login/": "/login/", "//evil.example.org/login/": "/login/",
		"/login/\\evil": "/login/", "javascript:alert(1)": "/login/", "/elsewhere": "/login/", "/login/in": "/login/", "/login/../x": "/login/", "/login/%2e%2e/x": "/login/",
		"/login/" + strings.Repeat("x", 2000): "/login/", "%": "/login/",
	} {
		if got := after(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestK01SignInOnlyFromTheOrganisationsNetworks(t *testing.T) {
	h := newHouse(t)
	h.owner()
	b := h.in("olga")
	for _, networks := range [][]string{{"192.0.2.0/24", "2001:db8::/32"}, {"nonsense"}} {
		h.rule(func(p *settings.People) { p.LoginNetworks = networks })
		h.want("the page", h.browser().get("/login/in"), http.StatusForbidden, "certain networks")
		h.want("a password", h.browser().post("/login/in", "mail", "olga@example.org", "password", good), http.StatusForbidden, "certain networks")
		h.want("inside", b.get("/login/"), http.StatusForbidden, "certain networks")
	}
	h.rule(func(p *settings.People) { p.LoginNetworks = []string{"127.0.0.0/8"} })
	h.want("from here", b.get("/login/"), http.StatusOK, "Hello")
}

// tokenOf is what is kept of a browser's cookie.
func (b *browser_) tokenOf() people.Hash {
	b.h.t.Helper()
	u, err := url.Parse(b.h.server.URL)
	b.h.must(err)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == loginCookie {
			return sha256.Sum256([]byte(c.Value))
		}
	}
	b.h.t.Fatal("no cookie")
	return people.Hash{}
}

func TestK01TheCookieIsForThisHostAloneAndChangesWithTheFactor(t *testing.T) {
	h := newHouse(t)
	owner := h.owner()
	b := h.browser()
	got := b.post("/login/in", "mail", "olga@example.org", "password", good)
	cookie := got.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-handrail=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q has no %s", cookie, want)
		}
	}
	if strings.Contains(cookie, "Domain") || strings.Contains(h.dump(), strings.Split(strings.Split(cookie, "=")[1], ";")[0]) {
		t.Errorf("cookie %q is for more than this host, or kept", cookie)
	}
	code := h.app(owner)
	before := h.browser()
	before.post("/login/in", "mail", "olga@example.org", "password", good)
	half := before.tokenOf()
	h.want("the factor", before.post("/login/factor", "code", code()), http.StatusSeeOther, "/login/")
	if before.tokenOf() == half {
		t.Error("the token from before the factor is the one after it")
	}
	h.want("signed out", before.post("/login/out"), http.StatusSeeOther, "/login/in?did=out")
	h.want("outside", before.get("/login/"), http.StatusSeeOther, "/login/in")
	if fmt.Sprint(h.log.String()) != "" {
		t.Errorf("the log says %s", h.log.String())
	}
}

// console is a console's public key.
var console = []byte("01234567890123456789012345678901")

// asks lets a console ask for a login.
func (h *house) asks(code, from string) {
	h.t.Helper()
	h.must(h.store.StartPair(h.t.Context(), people.Pair{
		Code: people.CodeHash(code), PublicKey: console, Computer: "LAPTOP-7", From: from, Expires: h.clock().Add(people.PairLife),
	}, h.clock()))
}
