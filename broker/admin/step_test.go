package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzAfter: whatever a form says, who has signed in stays on a page of the
// administration of this host.
func FuzzAfter(f *testing.F) {
	for _, seed := range []string{"", "/login/people?q=a", "//evil.example.org/login/", "/login/\\evil", "/login/%2e%2e/x", "https:/login/", "/login/\n/x", "/login/%00", "/login/?\\"} {
		f.Add(seed)
	}
	here, err := url.Parse("https://support.example.org:4443/login/in")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := after(next)
		u, err := here.Parse(got)
		if err != nil || u.Host != here.Host || u.Scheme != "https" || !strings.HasPrefix(u.Path, "/login/") || strings.ContainsAny(got, "\r\n\\") {
			t.Errorf("%q leads to %q (%v, %v)", next, got, u, err)
		}
		if again := after(got); again != got {
			t.Errorf("%q leads to %q, and that to %q", next, got, again)
		}
	})
}

// sendJSON sends what passkey.js sends.
func (b *browser_) sendJSON(path, body string) answer {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodPost, b.h.server.URL+path, strings.NewReader(body))
	b.h.must(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func TestK01AnAnswerThatNoPasskeyGaveSignsNobodyIn(t *testing.T) {
	h := furnished(t)
	b := h.browser()
	var options struct {
		PublicKey struct {
			Challenge        string `json:"challenge"`
			AllowCredentials []any  `json:"allowCredentials"`
		} `json:"publicKey"`
	}
	got := b.sendJSON("/login/passkey/options", "{}")
	h.must(json.Unmarshal([]byte(got.body), &options))
	if options.PublicKey.Challenge == "" || options.PublicKey.AllowCredentials != nil {
		t.Errorf("options %s", got.body)
	}
	const nothing = "The passkey was not accepted"
	h.want("nonsense", b.sendJSON("/login/passkey", `{"answer":{"id":"AA","rawId":"AA","type":"public-key","response":{}}}`), http.StatusUnprocessableEntity, nothing)
	h.want("the ceremony again", b.sendJSON("/login/passkey", `{"answer":{}}`), http.StatusUnprocessableEntity, nothing)
	h.want("without a ceremony", h.browser().sendJSON("/login/passkey", `{"answer":{}}`), http.StatusUnprocessableEntity, nothing)
	h.want("no JSON", b.sendJSON("/login/passkey", `{`), http.StatusBadRequest, "")
	h.want("huge", b.sendJSON("/login/passkey", `{"answer":"`+strings.Repeat("x", maxAnswer)+`"}`), http.StatusRequestEntityTooLarge, "")
	h.want("deep", b.sendJSON("/login/passkey", `{"answer":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`}`), http.StatusBadRequest, "")
	for range 30 {
		b.sendJSON("/login/passkey", `{"answer":{}}`)
	}
	h.want("guessing", b.sendJSON("/login/passkey", `{"answer":{}}`), http.StatusTooManyRequests, "Please try again in")

	h.pass(25 * time.Hour)
	in := h.in("olga")
	h.want("adding one without the password", in.sendJSON("/login/account/factor/passkeys/options", `{"password":"wrong"}`), http.StatusUnprocessableEntity, "not your password")
	h.want("adding one that nobody began", in.sendJSON("/login/account/factor/passkeys", `{"answer":{},"name":"x"}`), http.StatusUnprocessableEntity, "could not be made")
	h.want("begun", in.sendJSON("/login/account/factor/passkeys/options", fmt.Sprintf(`{"password":%q}`, good)), http.StatusOK, "challenge")
	h.want("an answer that is none", in.sendJSON("/login/account/factor/passkeys", `{"answer":{},"name":"x"}`), http.StatusUnprocessableEntity, "could not be made")
	h.want("by a link", in.get("/login/account/factor/passkeys"), http.StatusMethodNotAllowed, "")
}

func TestAStepCountsOnceInTimeAndForItsOwnAlone(t *testing.T) {
	h := newHouse(t)
	h.owner()
	begin := func(kind string, rep uint64) *http.Request {
		w := httptest.NewRecorder()
		h.must(h.frame.begin(w, kind, rep, []byte("state")))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
		return r
	}
	finish := func(r *http.Request, kind string, rep uint64) error {
		state, err := h.frame.finish(httptest.NewRecorder(), r, kind, rep)
		if err == nil && string(state) != "state" {
			t.Errorf("brought back %q", state)
		}
		return err
	}
	r := begin("add", 1)
	for name, row := range map[string]struct {
		kind string
		rep  uint64
	}{"another kind": {"passkey", 1}, "another rep": {"add", 2}, "nobody's": {"add", 0}} {
		if err := finish(r, row.kind, row.rep); err == nil {
			t.Errorf("%s counts", name)
		}
	}
	h.must(finish(r, "add", 1))
	if err := finish(r, "add", 1); err == nil {
		t.Error("it counts twice")
	}
	late := begin("add", 1)
	h.pass(stepLife)
	if err := finish(late, "add", 1); err == nil {
		t.Error("it counts too late")
	}
	for _, value := range []string{"", "zz", "00", strings.Repeat("ab", 2000)} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		r.AddCookie(&http.Cookie{Name: stepCookie, Value: value})
		if err := finish(r, "add", 1); err == nil {
			t.Errorf("%q counts", value)
		}
	}
}

func TestK01TooManySignInsAtOnceAreToldToWait(t *testing.T) {
	h := newHouse(t)
	h.owner()
	for range mostWaiting {
		h.frame.queue <- struct{}{}
	}
	got := h.browser().post("/login/in", "mail", "olga@example.org", "password", good)
	h.want("the queue is full", got, http.StatusServiceUnavailable, "Many people sign in")
	if got.header.Get("Retry-After") == "" {
		t.Error("it isn't said for how long")
	}
	for range mostWaiting {
		<-h.frame.queue
	}
	h.pass(time.Second)
	h.in("olga")
}
