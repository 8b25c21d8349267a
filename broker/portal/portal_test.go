package portal

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"handrail/broker/web"
	"handrail/shared/words"
)

func number(typed string) string { return url.Values{"number": {typed}}.Encode() }

func TestEveryPageIsWholeAndSafe(t *testing.T) {
	for name, c := range map[string]struct {
		method, target, body string
		status               int
		text                 words.Sentence
	}{
		"start":            {"GET", "/", "", 200, words.PortalIntro},
		"link":             {"GET", "/482913", "", 200, words.LinkSecret},
		"nothing typed":    {"POST", "/number", number(""), 422, words.PortalNoNumber},
		"both halves":      {"POST", "/number", number("482 913 507 264"), 422, words.PortalTooMany},
		"letters":          {"POST", "/number", number("<script>"), 422, words.PortalNotSix},
		"too much":         {"POST", "/number", number(strings.Repeat("1", 5000)), 413, words.PageCrowded},
		"missing":          {"GET", "/nothing", "", 404, words.PageMissing},
		"a code, unused":   {"GET", "/482913507", "", 404, words.PageMissing}, // no visit begins here
		"seven digits":     {"GET", "/4829135", "", 404, words.PageMissing},
		"other digits":     {"GET", "/٤٨٢٩١٣", "", 404, words.PageMissing},
		"deeper":           {"GET", "/482913/x", "", 404, words.PageMissing},
		"post to start":    {"POST", "/", "", 405, words.PageRefused},
		"post to link":     {"POST", "/482913", "", 405, words.PageRefused},
		"delete of number": {"DELETE", "/number", "", 405, words.PageRefused},
	} {
		t.Run(name, func(t *testing.T) {
			w := ask(t, site(nil, plain()), c.method, c.target, c.body)
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			page := w.Body.String()
			for _, part := range []string{
				"<!doctype html>", `<html lang="en" dir="ltr">`, "<header>", `<main id="main">`, "<footer>", "<h1", "</html>",
				"<title>", "Müller &amp; &lt;b&gt;Söhne&lt;/b&gt;", string(c.text),
			} {
				if !strings.Contains(page, part) {
					t.Errorf("no %q in\n%s", part, page)
				}
			}
			for _, part := range []string{"<script", "<b>", "onerror", "Zgotmpl", "%!", "style=", "onclick", "507264"} {
				if strings.Contains(page, part) {
					t.Errorf("%q in\n%s", part, page)
				}
			}
			h := w.Header()
			if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") || h.Get("Referrer-Policy") != "no-referrer" ||
				h.Get("Cache-Control") != "no-store" || h.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("headers %v", h)
			}
			if c.status == http.StatusMethodNotAllowed && !strings.Contains(h.Get("Allow"), "GET") {
				t.Errorf("Allow %q", h.Get("Allow"))
			}
		})
	}
}

func TestP04LinkShowsTheNumberAndOpensTheProgram(t *testing.T) {
	page := ask(t, site(nil, plain()), "GET", "/482913", "").Body.String()
	for _, part := range []string{
		`<span>482</span> <span>913</span>`, `href="handrail:482913"`, "482\u00a0913",
		string(words.LinkMissing),
	} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q in\n%s", part, page)
		}
	}
}

func TestP03PageTellsNothingAboutANumber(t *testing.T) {
	a, b := ask(t, site(nil, plain()), "GET", "/482913", ""), ask(t, site(nil, plain()), "GET", "/000000", "")
	same := strings.NewReplacer("482913", "N", "482", "A", "913", "B", "000000", "N")
	first := same.Replace(a.Body.String())
	// The second number's groups look alike, so they are told apart by place.
	second := strings.ReplaceAll(b.Body.String(), "000000", "N")
	second = strings.ReplaceAll(second, "<span>000</span> <span>000</span>", "<span>A</span> <span>B</span>")
	second = strings.ReplaceAll(second, "000\u00a0000", "A\u00a0B")
	if first != second || a.Code != b.Code {
		t.Errorf("pages differ:\n%s\n%s", first, second)
	}
}

func TestP03PortalAsksForTheNumberAlone(t *testing.T) {
	page := ask(t, site(nil, plain()), "GET", "/", "").Body.String()
	if n := strings.Count(page, "<input"); n != 1 {
		t.Errorf("%d fields, want 1", n)
	}
	if !strings.Contains(page, `method="post" action="/number"`) || !strings.Contains(page, `inputmode="numeric"`) {
		t.Errorf("form in\n%s", page)
	}
}

func TestP03NumberIsReadAsPeopleTypeIt(t *testing.T) {
	for _, c := range []struct {
		typed, number string
		problem       words.Sentence
	}{
		{"482913", "482913", ""},
		{"482 913", "482913", ""},
		{" 482-913\r\n", "482913", ""},
		{"482\u00a0913", "482913", ""},
		{"4 8 2 9 1 3", "482913", ""},
		{"482.913", "482913", ""},
		{"000000", "000000", ""},
		{"", "", words.PortalNoNumber},
		{" - ", "", words.PortalNoNumber},
		{"48291", "", words.PortalNotSix},
		{"4829l3", "", words.PortalNotSix},
		{"４８２９１３", "", words.PortalNotSix},
		{"482913507264", "", words.PortalTooMany},
		{"482 913 · 507 264", "", words.PortalTooMany},
	} {
		if number, problem := readNumber(c.typed); number != c.number || problem != c.problem {
			t.Errorf("%q: %q, %q; want %q, %q", c.typed, number, problem, c.number, c.problem)
		}
	}
	w := ask(t, site(nil, plain()), "POST", "/number", number("482 913"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/482913" {
		t.Errorf("form leads to %d %q", w.Code, w.Header().Get("Location"))
	}
	w = ask(t, site(nil, plain()), "GET", "/number", "")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Errorf("reloaded form leads to %d %q", w.Code, w.Header().Get("Location"))
	}
}

func TestHeadIsGetWithoutThePage(t *testing.T) {
	for _, target := range []string{"/", "/482913", "/download", web.Static.URL("style.css"), web.Static.URL("icon.svg")} {
		if w := ask(t, site(nil, plain()), "HEAD", target, ""); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("HEAD %s: %d", target, w.Code)
		}
	}
}

// FuzzForm: whatever is typed, the answer is a problem in words or the page of
// exactly the digits typed.
func FuzzForm(f *testing.F) {
	for _, typed := range []string{"482 913", "", "//evil.test", "482913507264", "%2e%2e/", "\x00", "４８２９１３"} {
		f.Add(typed)
	}
	h := site(nil, plain())
	f.Fuzz(func(t *testing.T, typed string) {
		w := ask(t, h, "POST", "/number", number(typed))
		to := w.Header().Get("Location")
		switch w.Code {
		case http.StatusSeeOther:
			if !regexp.MustCompile(`^/[0-9]{6}$`).MatchString(to) {
				t.Fatalf("%q leads to %q", typed, to)
			}
			digits := regexp.MustCompile(`[^0-9]`).ReplaceAllString(typed, "")
			if to != "/"+digits {
				t.Fatalf("%q leads to %q", typed, to)
			}
		case http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
			if to != "" {
				t.Fatalf("%q is refused and leads to %q", typed, to)
			}
		default:
			t.Fatalf("%q: status %d", typed, w.Code)
		}
	})
}

// FuzzPath: only six digits are a number's page and nine a code's, and the button
// on it opens exactly these.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"/482913", "/", "/48291", "/482913/", "/../482913", "/javascript:1", "/%34829133", "/482913507", "/48291350"} {
		f.Add(path)
	}
	h := site(nil, full())
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest("GET", "https://help.test/", nil)
		r.Header.Set("User-Agent", agentLinux)
		r.URL.Path = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		number := regexp.MustCompile(`^/?([0-9]{6}|[0-9]{9})$`).FindStringSubmatch(path)
		buttons := regexp.MustCompile(`href="handrail:([^"]*)"`).FindAllStringSubmatch(w.Body.String(), -1)
		if number == nil {
			if len(buttons) != 0 {
				t.Fatalf("%q has a button", path)
			}
			return
		}
		if w.Code == 200 && (len(buttons) != 1 || buttons[0][1] != number[1]) {
			t.Fatalf("%q: buttons %v", path, buttons)
		}
	})
}
