package web

import (
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"handrail/shared/words"
)

// page is a page of a site, which takes a form, too.
var page = Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		if form, ok := ReadForm(w, r, 100); ok {
			_, _ = io.WriteString(w, form.Encode())
		}
		return
	}
	own.Show(w, r, http.StatusOK, Sheet{Title: "T<i>tle", Template: "failed", Data: failed{"H<i>", "T", "/", "B"}})
}))

func post(h http.Handler, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "https://help.test/form?b=address", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFormsAreReadWithCare(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		header []string
		status int
		text   string
	}{
		"one of ours":    {"a=1", nil, 200, "a=1"},
		"same site":      {"a=1", []string{"Sec-Fetch-Site", "same-origin"}, 200, "a=1"},
		"no browser":     {"a=1", []string{"Origin", ""}, 200, "a=1"},
		"another site":   {"a=1", []string{"Sec-Fetch-Site", "cross-site"}, 403, string(words.PageElsewhere)},
		"a neighbour":    {"a=1", []string{"Sec-Fetch-Site", "same-site"}, 403, string(words.PageElsewhere)},
		"another origin": {"a=1", []string{"Origin", "https://evil.test"}, 403, string(words.PageElsewhere)},
		"no origin":      {"a=1", []string{"Origin", "null"}, 403, string(words.PageElsewhere)},
		"too much":       {"a=" + strings.Repeat("x", 200), nil, 413, string(words.PageCrowded)},
		"no form":        {`{"a":1}`, []string{"Content-Type", "application/json"}, 415, string(words.PageUnclear)},
		"no type":        {"a=1", []string{"Content-Type", ""}, 415, string(words.PageUnclear)},
		"broken":         {"a=%zz", nil, 400, string(words.PageUnclear)},
		"with a charset": {"a=1", []string{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, 200, "a=1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := post(page, c.body, c.header...)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.text) {
				t.Errorf("%d, want %d and %q:\n%s", w.Code, c.status, c.text, w.Body)
			}
			if c.status != 200 && strings.Contains(w.Body.String(), "goroutine") {
				t.Error("a stack trace is shown")
			}
		})
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://help.test/", nil))
	for name, value := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s: %q", name, got)
		}
	}
	if strings.Contains(w.Body.String(), "<i>") || strings.Contains(policy, "unsafe") {
		t.Error("what is shown is not escaped, or the policy lets it act")
	}
}

func TestPageThatPanicsTellsNothing(t *testing.T) {
	var log strings.Builder
	h := Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret thing") }))
	r := httptest.NewRequest(http.MethodGet, "https://help.test/visit/SECRET", nil)
	logged := slog.New(slog.NewTextHandler(&log, nil))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(withLog(r.Context(), logged)))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), string(words.PageBroken)) {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "secret thing") || strings.Contains(log.String(), "SECRET") {
		t.Errorf("log:\n%s", log.String())
	}
}

func TestFilesAreKeptForAYearUnderAnAddressOfTheirContent(t *testing.T) {
	f := NewFiles("/x/", fstest.MapFS{"static/a.css": {Data: []byte("one")}, "static/deep/b.js": {Data: []byte("two")}})
	for name, kind := range map[string]string{"a.css": "text/css; charset=utf-8", "deep/b.js": "text/javascript; charset=utf-8"} {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, f.URL(name), nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	other := NewFiles("/x/", fstest.MapFS{"static/a.css": {Data: []byte("other")}})
	if f.URL("a.css") == other.URL("a.css") {
		t.Error("another content has the same address")
	}
	for _, path := range []string{"/x/", "/x/a.css", other.URL("a.css"), "/x/../web.go", f.URL("a.css") + "/"} {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://x/", nil).WithContext(t.Context()))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = path
		w = httptest.NewRecorder()
		f.ServeHTTP(w, r)
		if w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest(http.MethodPost, f.URL("a.css"), nil))
	if w.Code != 405 {
		t.Error("POST:", w.Code)
	}
	for _, name := range []string{"style.css", "live.js", "icon.svg"} {
		if Static.URL(name) == "" {
			t.Errorf("no %s", name)
		}
	}
}

func TestLanguageIsTheOneThatSuitsBest(t *testing.T) {
	for _, c := range []struct {
		query, cookie, accept string
		offered               []string
		want                  string
	}{
		{"", "", "", nil, "en"},
		{"", "", "fr", nil, "en"},
		{"", "", "de-CH,fr;q=0.9", []string{"en", "fr", "de"}, "de"},
		{"", "", "fr;q=0.4, de;q=0.8", []string{"en", "fr", "de"}, "de"},
		{"", "", "pt", []string{"en", "pt-BR"}, "pt-BR"},
		{"", "", "pt-PT", []string{"en", "pt-BR", "pt-PT"}, "pt-PT"},
		{"", "", "de;q=0, fr", []string{"de", "fr"}, "fr"},
		{"", "", "*", []string{"de", "fr"}, "de"},
		{"", "", "zh-Hant-TW", []string{"en", "zh-Hant"}, "zh-Hant"},
		{"", "", "de;q=nonsense,fr", []string{"en", "de", "fr"}, "fr"},
		{"", "", "de;q=NaN,fr;q=0.1", []string{"en", "de", "fr"}, "fr"},
		{"", "fr", "de", []string{"en", "fr", "de"}, "fr"},
		{"", "xx", "de", []string{"en", "fr", "de"}, "de"},
		{"ar", "fr", "de", []string{"en", "fr", "de", "ar"}, "ar"},
		{"AR", "", "", []string{"en", "ar"}, "ar"},
		{"<script>", "", "de", []string{"en", "de"}, "de"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/?lang="+url.QueryEscape(c.query), nil)
		r.Header.Set("Accept-Language", c.accept)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: languageCookie, Value: c.cookie})
		}
		if got := Language(r, c.offered); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestChosenLanguageIsRemembered(t *testing.T) {
	show := func(query string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "https://help.test/visit/x?lang="+query, nil)
		site := Site{Name: "N", Home: "/", Lang: "de", Languages: []string{"en", "de"}}
		w := httptest.NewRecorder()
		own.Show(w, r.WithContext(WithSite(r.Context(), site)), 200, Sheet{Title: "T", Template: "failed", Data: failed{}})
		return w.Result()
	}
	r := show("de")
	if c := r.Cookies(); len(c) != 1 || c[0].Value != "de" || !c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
		t.Errorf("cookies %v", c)
	}
	if body, _ := io.ReadAll(r.Body); !strings.Contains(string(body), `href="/visit/x?lang=en"`) {
		t.Errorf("no way to the other language in\n%s", body)
	}
	if c := show("fr").Cookies(); len(c) != 0 {
		t.Errorf("a language that is not offered is remembered: %v", c)
	}
}

func TestDirectionOfWriting(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "ltr", "ar": "rtl", "ar-EG": "rtl", "HE": "rtl", "fa": "rtl", "ur-PK": "rtl", "az-Arab": "rtl", "ar-Latn": "ltr", "": "ltr", "pa-Arab-PK": "rtl",
	} {
		if got := Direction(tag); got != want {
			t.Errorf("%s: %s", tag, got)
		}
	}
}

func TestOneAddressMayAskOnlySoOften(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	b := NewBuckets(3, time.Minute, 2)
	one, two, three := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("198.51.100.1")
	take := func(a netip.Addr, after time.Duration, want bool) {
		t.Helper()
		if got := b.Take(a, start.Add(after)); got != want {
			t.Errorf("%v after %v: %v", a, after, got)
		}
	}
	for range 3 {
		take(one, 0, true)
	}
	take(two, 0, false) // the same household
	for range 3 {
		take(three, 0, true)
	}
	take(netip.MustParseAddr("198.51.100.2"), 0, false) // six in all
	take(one, time.Minute, true)
	take(one, time.Minute, false)
	take(one, time.Hour, true)
	if len(b.from) != 1 {
		t.Errorf("%d places are remembered", len(b.from))
	}
}

// TestColoursCanBeRead measures the contrast of the stylesheet's own colours.
func TestColoursCanBeRead(t *testing.T) {
	css, err := files.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, found := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("no dark colours")
	}
	dark, _, _ := strings.Cut(rest, "/* Page */")
	for _, theme := range []struct {
		name, css string
		grounds   []RGB
	}{{"light", light, lightGrounds}, {"dark", dark, darkGrounds}} {
		colour := map[string]RGB{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(theme.css, -1) {
			colour[m[1]], _ = Colour(m[2])
		}
		if colour["ground"] != theme.grounds[0] || colour["card"] != theme.grounds[1] {
			t.Errorf("%s: colour.go knows other grounds", theme.name)
		}
		for _, pair := range []struct {
			text, ground string
			least        float64
		}{
			{"text", "ground", 7},
			{"text", "card", 7},
			{"text", "bad-ground", 7},
			{"warn", "warn-ground", 7},
			{"quiet", "ground", readable},
			{"quiet", "card", readable},
			{"accent", "ground", readable},
			{"accent", "card", readable},
			{"accent-strong", "ground", readable},
			{"on-accent", "accent", readable},
			{"on-accent", "accent-strong", readable},
			{"good", "good-ground", readable},
			{"bad", "bad-ground", readable},
			{"bad", "card", readable},
			{"field", "card", 3},
		} {
			a, okA := colour[pair.text]
			b, okB := colour[pair.ground]
			if !okA || !okB {
				t.Fatalf("%s: no colour %s or %s", theme.name, pair.text, pair.ground)
			}
			if c := Contrast(a, b); c < pair.least {
				t.Errorf("%s: %s on %s has contrast %.2f, want %.1f", theme.name, pair.text, pair.ground, c, pair.least)
			}
		}
	}
}

// FuzzTheme: whatever colour a site has, everything in it can be read.
func FuzzTheme(f *testing.F) {
	for _, c := range []string{"#ffee00", "#000000", "#ffffff", "#7f7f7f", "#0f5b8c", "nonsense", "#12345", "#ff00ff;}"} {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := Colour(text)
		if !ok {
			return
		}
		if !strings.EqualFold(c.String(), text) {
			t.Fatalf("%q is read as %v", text, c)
		}
		css := string(Themed(c))
		light, dark, _ := strings.Cut(css, "@media")
		for _, theme := range []struct {
			css     string
			grounds []RGB
		}{{light, lightGrounds}, {dark, darkGrounds}} {
			colour := map[string]RGB{}
			for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(theme.css, -1) {
				colour[m[1]], _ = Colour(m[2])
			}
			least := math.Inf(1)
			for _, g := range theme.grounds {
				least = min(least, Contrast(colour["accent"], g), Contrast(colour["accent-strong"], g))
			}
			least = min(least, Contrast(colour["on-accent"], colour["accent"]),
				Contrast(colour["on-accent"], colour["accent-strong"]), Contrast(colour["on-button"], colour["button"]),
				Contrast(colour["on-button"], colour["button-strong"]))
			if len(colour) != 6 || least < readable {
				t.Fatalf("%v: contrast %.2f in %s", c, least, theme.css)
			}
		}
	})
}

// FuzzLanguage: whatever a browser asks for, it gets one of the languages that
// are offered.
func FuzzLanguage(f *testing.F) {
	for _, s := range []string{"de-CH,fr;q=0.9", "*", "", ";;;,,,", "en;q=1e9", "a-b-c-d-e-f-g", strings.Repeat("de,", 500), "de;q=-0"} {
		f.Add(s, "de")
	}
	offered := []string{"en", "de", "pt-BR", "ar"}
	f.Fuzz(func(t *testing.T, accept, chosen string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = url.Values{"lang": {chosen}}.Encode()
		r.Header.Set("Accept-Language", accept)
		r.AddCookie(&http.Cookie{Name: languageCookie, Value: chosen})
		got := Language(r, offered)
		if _, ok := exactly(got, offered); !ok {
			t.Fatalf("%q, %q: %q", accept, chosen, got)
		}
		if tag, ok := exactly(chosen, offered); ok && tag != got {
			t.Fatalf("%q was chosen, %q came", chosen, got)
		}
		for i, w := range wishes(accept) {
			if !isTag(w) || i >= maxLanguages {
				t.Fatalf("%q asks for %q", accept, w)
			}
		}
	})
}
