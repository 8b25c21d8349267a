package portal

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail/broker/lobby"
	"handrail/broker/settings"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// sent is a form as a browser sends it.
func sent(fields map[string]string) string {
	v := url.Values{}
	for name, value := range fields {
		v.Set(name, value)
	}
	return v.Encode()
}

// good is a form of a full portal without a fault.
var good = map[string]string{
	"visit": "AAAAAAAAAAAAAAAAAAAAAA", "about": "issue:mail", "name": "Zoë", "company": "Contoso", "code": "C-1",
	"own-asset": "A-17", "own-room": "", "description": "It is\r\nbroken.",
}

func TestP01PortalIsFoundByItsHost(t *testing.T) {
	a, b := plain(), plain()
	b.ID, b.Name, b.Hosts = "b", "Brand B", []string{"b.test"}
	h := site(nil, a, b)
	for host, want := range map[string]string{
		"b.test": "Brand B", "B.Test:4443": "Brand B", "b.test.": "Brand B",
		"help.test": "Söhne", "": "Söhne", "b.test@evil": "Söhne", "xb.test": "Söhne", "[::1]:99": "Söhne",
	} {
		w := ask(t, h, "GET", "/", "", "Host", host)
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: %d, no %q", host, w.Code, want)
		}
	}
}

func TestP02ListShowsRepsInTheirOrderAndOneLeadsToItsQueue(t *testing.T) {
	p := plain()
	p.Starts.Reps = true
	l := newFake(anna, ben)
	h := site(l, p)
	page := ask(t, h, "GET", "/", "").Body.String()
	first, second := strings.Index(page, "Anna"), strings.Index(page, "Ben &lt;i&gt;")
	if first < 0 || second < first {
		t.Fatalf("reps at %d and %d in\n%s", first, second, page)
	}
	visit := regexp.MustCompile(`name="visit" value="([^"]+)"`).FindStringSubmatch(page)[1]
	w := ask(t, h, "POST", "/rep", sent(map[string]string{"visit": visit, "rep": "7"}))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/visit/"+visit {
		t.Fatalf("%d %q", w.Code, w.Header().Get("Location"))
	}
	came := l.arrivals()
	if len(came) != 1 || came[0].Queue != "rep:7" || came[0].Portal != settings.Main || came[0].From != "192.0.2.1" ||
		came[0].System != "Linux" || came[0].Locale != "en" {
		t.Errorf("came: %+v", came)
	}
	// The same form once more, by a second click or by going back.
	w = ask(t, h, "POST", "/rep", sent(map[string]string{"visit": visit, "rep": "12"}))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/visit/"+visit || len(l.arrivals()) != 1 {
		t.Errorf("repeated: %d, %d came", w.Code, len(l.arrivals()))
	}
}

func TestP05FormBecomesAnArrival(t *testing.T) {
	l := newFake(anna)
	w := ask(t, site(l, full()), "POST", "/issue", sent(good), "Accept-Language", "de")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	a := l.arrivals()[0]
	if a.Queue != "team:3" || a.Issue != full().Called(full().Issues[0].Names) || a.Issue != "E-mail" || a.Name != "Zoë" || a.Company != "Contoso" || a.CompanyCode != "C-1" ||
		a.Description != "It is\nbroken." || !slices.Equal(a.Fields, []wire.VisitorField{{Name: "Number on the sticker", Value: "A-17"}}) {
		t.Errorf("%+v", a)
	}
	for about, want := range map[string]string{"issue:other": "general", "rep:12": "rep:12"} {
		l := newFake(anna)
		ask(t, site(l, full()), "POST", "/issue", sent(with(good, "about", about)))
		if came := l.arrivals(); len(came) != 1 || came[0].Queue != want {
			t.Errorf("%s: %+v", about, came)
		}
	}
}

func TestP05WhatIsWrongIsToldAndNothingTypedIsLost(t *testing.T) {
	long := strings.Repeat("ü", 101)
	many := full()
	for i := range 12 {
		many.Form.Fields = append(many.Form.Fields, settings.Field{ID: string(rune('a' + i)), Names: map[string]string{"en": "More"}})
	}
	much := with(good)
	for i := range 12 {
		much["own-"+string(rune('a'+i))] = strings.Repeat("x", 1000)
	}
	for name, c := range map[string]struct {
		portal settings.Portal
		form   map[string]string
		field  string
		say    string
	}{
		"nothing chosen":     {full(), with(good, "about", ""), "about", string(words.PortalChoose)},
		"chosen elsewhere":   {full(), with(good, "about", "issue:nothing"), "about", string(words.PortalRepGone)},
		"another's queue":    {full(), with(good, "about", "team:99"), "about", string(words.PortalRepGone)},
		"a rep who is gone":  {full(), with(good, "about", "rep:7"), "about", string(words.PortalRepGone)},
		"no name":            {full(), with(good, "name", "  \t"), "name", string(words.PortalEmpty)},
		"a name of nothing":  {full(), with(good, "name", "\u202e\u2066"), "name", string(words.PortalEmpty)},
		"a name unseen":      {full(), with(good, "name", "\u200b\u200d\u3164\ufeff"), "name", string(words.PortalEmpty)},
		"a long name":        {full(), with(good, "name", long), "name", "Here is room for 100 characters, and these are 101."},
		"a long company":     {full(), with(good, "company", long), "company", "room for 100"},
		"a long code":        {full(), with(good, "code", long), "code", "room for 100"},
		"a long field":       {full(), with(good, "own-room", strings.Repeat("x", 1025)), "own-room", "room for 1024"},
		"a long description": {full(), with(good, "description", strings.Repeat("x", 1025)), "description", "room for 1024"},
		"one's own, missing": {full(), with(good, "own-asset", ""), "own-asset", string(words.PortalEmpty)},
		"no text":            {full(), with(good, "company", "a\xffb"), "company", string(words.PortalUnreadable)},
		"more than 10 KB":    {many, much, "own-a", string(words.PortalTooMuch)},
	} {
		t.Run(name, func(t *testing.T) {
			l := newFake(anna)
			w := ask(t, site(l, c.portal), "POST", "/issue", sent(c.form))
			page := w.Body.String()
			if w.Code != http.StatusUnprocessableEntity || len(l.arrivals()) != 0 {
				t.Fatalf("%d, %d came", w.Code, len(l.arrivals()))
			}
			problem := regexp.MustCompile(`id="f-` + c.field + `-problem">([^<]*)<`).FindStringSubmatch(page)
			if problem == nil || !strings.Contains(problem[1], strings.ReplaceAll(c.say, "'", "&#39;")) {
				t.Errorf("beside %s stands %q in\n%s", c.field, problem, page)
			}
			if !strings.Contains(page, `href="#f-`+c.field+`"`) || !strings.Contains(page, `id="problems"`) {
				t.Error("the list of what is wrong does not lead there")
			}
			for field, value := range c.form {
				value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
				if field != c.field && value != "" && !strings.Contains(page, value) {
					t.Errorf("%s is lost", field)
				}
			}
			if c.field == "name" && c.form["name"] == long && !strings.Contains(page, long) {
				t.Error("what is too long is lost")
			}
		})
	}
}

func TestP07NoticesStandOnThePage(t *testing.T) {
	page := ask(t, site(newFake(), full()), "GET", "/", "").Body.String()
	for _, part := range []string{string(words.PortalNotices), "Mail is **slow**", "<strong>work on it</strong>", `href="https://status.test/"`} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q", part)
		}
	}
	if strings.Contains(page, "Old news") {
		t.Error("a notice is shown that is over")
	}
	p := full()
	p.Notices = nil
	if page := ask(t, site(newFake(), p), "GET", "/", "").Body.String(); strings.Contains(page, string(words.PortalNotices)) {
		t.Error("a heading without a notice")
	}
}

func TestP08OutsideItsHoursOnlyTheKeyIsLeft(t *testing.T) {
	l := newFake(anna)
	h := site(l, closed(full()))
	page := ask(t, h, "GET", "/", "").Body.String()
	for _, part := range []string{string(words.PortalClosed), "on Thursday, 26 November, at 09:00 (CET)", `action="/number"`} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q in\n%s", part, page)
		}
	}
	if strings.Contains(page, `action="/rep"`) || strings.Contains(page, `action="/issue"`) {
		t.Error("one can begin all the same")
	}
	for path, form := range map[string]map[string]string{"/rep": {"visit": good["visit"], "rep": "12"}, "/issue": good} {
		w := ask(t, h, "POST", path, sent(form))
		if w.Code != http.StatusConflict || len(l.arrivals()) != 0 || !strings.Contains(w.Body.String(), string(words.PortalClosed)) {
			t.Errorf("%s: %d, %d came", path, w.Code, len(l.arrivals()))
		}
	}
	if w := ask(t, h, "GET", "/482913", ""); w.Code != 200 {
		t.Error("the link of a key:", w.Code)
	}
	w := ask(t, site(l, closed(full())), "GET", "/?lang=de", "")
	if !strings.Contains(w.Body.String(), "26 November") { // German is not offered
		t.Error("no moment in the language offered")
	}
}

func TestWhatIsOffCanNotBeUsed(t *testing.T) {
	off := plain()
	off.Starts = settings.Starts{}
	l := newFake(anna)
	h := site(l, off)
	for name, c := range map[string]struct {
		method, path, body string
		status             int
	}{
		"rep":    {"POST", "/rep", sent(map[string]string{"visit": good["visit"], "rep": "12"}), 409},
		"issue":  {"POST", "/issue", sent(good), 409},
		"number": {"GET", "/482913", "", 404},
		"typed":  {"POST", "/number", sent(map[string]string{"number": "482913"}), 409},
	} {
		if w := ask(t, h, c.method, c.path, c.body); w.Code != c.status || len(l.arrivals()) != 0 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if page := ask(t, h, "GET", "/", "").Body.String(); !strings.Contains(page, "get in touch with") || strings.Contains(page, "<form") {
		t.Errorf("no word about it in\n%s", page)
	}
}

func TestFullLobbyKeepsWhatWasTyped(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		say    words.Sentence
	}{
		"busy":     {lobby.ErrBusy, 503, words.PortalBusy},
		"broken":   {errors.New("disk on fire"), 503, words.PortalBusy},
		"gone":     {lobby.ErrNoQueue, 409, words.PortalRepGone},
		"the end":  {http.ErrServerClosed, 503, words.PortalBusy},
		"too late": {errors.Join(lobby.ErrNoQueue), 409, words.PortalRepGone},
	} {
		l := newFake(anna)
		l.err = c.err
		w := ask(t, site(l, full()), "POST", "/issue", sent(good))
		page := w.Body.String()
		if w.Code != c.status || !strings.Contains(page, string(c.say)) || !strings.Contains(page, "Zoë") || strings.Contains(page, "fire") {
			t.Errorf("%s: %d\n%s", name, w.Code, page)
		}
		if !strings.Contains(page, good["visit"]) {
			t.Errorf("%s: the next try is another visit", name)
		}
	}
}

func TestOneAddressBeginsOnlySoOften(t *testing.T) {
	l := newFake(anna)
	h := site(l, full())
	for i := range startsAtOnce + 5 {
		var s secret
		s[0] = byte(i)
		w := ask(t, h, "POST", "/issue", sent(with(good, "visit", s.String())))
		want := http.StatusSeeOther
		if i >= startsAtOnce {
			want = http.StatusTooManyRequests
		}
		if w.Code != want || want == 429 && !strings.Contains(w.Body.String(), "Zoë") {
			t.Fatalf("start %d: %d", i+1, w.Code)
		}
	}
	if n := len(l.arrivals()); n != startsAtOnce {
		t.Errorf("%d came", n)
	}
}

// TestHostileRequestsChangeNothing: wrong, huge, repeated, stale and foreign
// requests are answered clearly, and nobody comes by them.
func TestHostileRequestsChangeNothing(t *testing.T) {
	const stale = "BBBBBBBBBBBBBBBBBBBBBA"
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
	}{
		"no secret":             {"POST", "/issue", sent(with(good, "visit", "")), nil, 400},
		"a short secret":        {"POST", "/issue", sent(with(good, "visit", "AAAA")), nil, 400},
		"a secret with a line":  {"POST", "/issue", sent(with(good, "visit", "AAAAAAAAAAAAAAAAAAAA\nA")), nil, 400},
		"a second spelling":     {"POST", "/issue", sent(with(good, "visit", "AAAAAAAAAAAAAAAAAAAAAB")), nil, 400},
		"a secret as a path":    {"POST", "/issue", sent(with(good, "visit", "../../../../login/aaaa")), nil, 400},
		"two secrets":           {"POST", "/issue", sent(good) + "&visit=" + stale, nil, 400},
		"two names":             {"POST", "/issue", sent(good) + "&name=other", nil, 422},
		"a huge form":           {"POST", "/issue", sent(with(good, "description", strings.Repeat("x", maxForm))), nil, 413},
		"many fields":           {"POST", "/issue", strings.Repeat("a=&", maxForm), nil, 413},
		"another site's":        {"POST", "/issue", sent(good), []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another origin's":      {"POST", "/rep", sent(good), []string{"Origin", "https://evil.test"}, 403},
		"JSON":                  {"POST", "/issue", `{"name":"x"}`, []string{"Content-Type", "application/json"}, 415},
		"several parts":         {"POST", "/issue", "x", []string{"Content-Type", "multipart/form-data; boundary=x"}, 415},
		"read":                  {"GET", "/issue?" + sent(good), "", nil, 303},
		"put":                   {"PUT", "/issue", sent(good), nil, 405},
		"a rep without number":  {"POST", "/rep", sent(map[string]string{"visit": stale, "rep": ""}), nil, 409},
		"a rep of elsewhere":    {"POST", "/rep", sent(map[string]string{"visit": stale, "rep": "99"}), nil, 409},
		"a rep, spelt anew":     {"POST", "/rep", sent(map[string]string{"visit": stale, "rep": "+12"}), nil, 409},
		"a team as a rep":       {"POST", "/rep", sent(map[string]string{"visit": stale, "rep": "12 team:3"}), nil, 409},
		"a visit of nobody":     {"GET", "/visit/" + stale, "", nil, 404},
		"its stream":            {"GET", "/visit/" + stale + "/live", "", nil, 404},
		"a visit, posted":       {"POST", "/visit/" + stale, "a=1", nil, 405},
		"a visit with more":     {"GET", "/visit/" + stale + "/x", "", nil, 404},
		"a look of nobody":      {"GET", "/look/0123456789abcdef.css", "", nil, 404},
		"an empty look":         {"GET", "/look/", "", nil, 404},
		"a program of nobody":   {"GET", "/download/handrail-linux", "", nil, 404},
		"out of the downloads":  {"GET", "/download/..%2f..%2fbroker.db", "", nil, 404},
		"a language of evil":    {"GET", "/?lang=%22%3E%3Cscript%3E", "", nil, 200},
		"a host of evil":        {"GET", "/download", "", []string{"Host", `"><script>`}, 200},
		"a system of evil":      {"GET", "/", "", []string{"Sec-CH-UA-Platform", `"><script>`}, 200},
		"accepts much":          {"GET", "/", "", []string{"Accept-Language", strings.Repeat("de,", 10000)}, 200},
		"a cookie of evil":      {"GET", "/", "", []string{"Cookie", "__Host-lang=<script>"}, 200},
		"numbers from the path": {"GET", "/number/482913", "", nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			l := newFake(anna)
			w := ask(t, site(l, full()), c.method, c.path, c.body, c.header...)
			if w.Code != c.status || len(l.arrivals()) != 0 {
				t.Errorf("%d, want %d; %d came", w.Code, c.status, len(l.arrivals()))
			}
			for _, part := range []string{"goroutine", ".go:", "<script>", "runtime error"} {
				if strings.Contains(w.Body.String(), part) {
					t.Errorf("%q in\n%s", part, w.Body)
				}
			}
			if len(w.Result().Cookies()) != 0 {
				t.Error("a cookie is set:", w.Result().Cookies())
			}
		})
	}
}

// TestNoSetUpOrDebugRouteAnswers asks for what strangers look for.
func TestNoSetUpOrDebugRouteAnswers(t *testing.T) {
	h := site(newFake(anna), full())
	for _, path := range []string{
		"/debug/pprof/", "/debug/vars", "/metrics", "/setup", "/install", "/admin", "/wp-admin", "/.env", "/.git/config",
		"/config.yaml", "/api", "/api/v1", "/status", "/server-status", "/console", "/actuator/env", "/graphql", "/phpinfo.php",
		"/swagger.json", "/robots.txt", "/favicon.ico", "/static/", "/static/style.css", "/look", "/visit", "/visit/", "/backup",
		"/broker.db", "/first", "/reset", "/test", "/healthz",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"} {
			if w := ask(t, h, method, path, ""); w.Code != 404 {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
}

func TestP14StepsAreThoseOfTheSystem(t *testing.T) {
	const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605"
	for name, c := range map[string]struct {
		agent, hint string
		want        system
		runs        bool
	}{
		"Windows":            {"Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "", windows, true},
		"Linux":              {agentLinux, "", linux, true},
		"a Mac":              {mac, "", macOS, true},
		"Android":            {"Mozilla/5.0 (Linux; Android 16; Pixel) Chrome/140 Mobile", "", android, false},
		"an iPhone":          {"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)", "", iOS, false},
		"a Chromebook":       {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)", "", chromeOS, false},
		"hidden":             {"curl/8", "", "", false},
		"a hint is better":   {mac, `"Windows"`, windows, true},
		"a hint of nonsense": {mac, `"BeOS"`, macOS, true},
		"nothing":            {"", "", "", false},
	} {
		h := http.Header{"User-Agent": {c.agent}, "Sec-Ch-Ua-Platform": {c.hint}}
		if s := systemOf(h); s != c.want || s.runs() != c.runs {
			t.Errorf("%s: %q", name, s)
		}
		page := ask(t, site(nil, plain()), "GET", "/download", "", "User-Agent", c.agent, "Sec-CH-UA-Platform", c.hint).Body.String()
		for _, s := range []system{windows, macOS, linux} {
			if strings.Contains(page, "Handrail for "+string(s)) != (s == c.want) {
				t.Errorf("%s: the steps are not those of %q", name, c.want)
			}
		}
	}
}

func TestLookIsThePortalsOwn(t *testing.T) {
	p := plain()
	p.Look = settings.Look{Colour: "#ffee00", Logo: logo(t)}
	other := plain()
	other.ID, other.Hosts = "other", []string{"other.test"}
	h := site(nil, p, other)
	page := ask(t, h, "GET", "/", "").Body.String()
	found := regexp.MustCompile(`/look/[0-9a-f]{16}\.(css|png)`).FindAllString(page, -1)
	if len(found) != 2 {
		t.Fatalf("looks %q", found)
	}
	for _, path := range found {
		w := ask(t, h, "GET", path, "")
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0 {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if w := ask(t, h, "GET", path, "", "Host", "other.test"); w.Code != 404 {
			t.Errorf("another portal has %s", path)
		}
	}
	svg := plain()
	svg.Look.Logo = []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	if page := ask(t, site(nil, svg), "GET", "/", "").Body.String(); strings.Contains(page, "/look/") {
		t.Error("a picture that can act is served")
	}
}

// FuzzIssue: whatever is sent, nobody comes with more than the limits let
// through, and what came can be shown: no marks that turn texts round.
func FuzzIssue(f *testing.F) {
	f.Add(sent(good))
	for field := range maps.Keys(good) {
		f.Add(sent(with(good, field, "\u202e\x00\n<b>")))
		f.Add(sent(with(good, field, strings.Repeat("ü", 1025))))
	}
	f.Add("visit=AAAAAAAAAAAAAAAAAAAAAA&visit=x")
	f.Add("%")
	p := full()
	f.Fuzz(func(t *testing.T, body string) {
		l := newFake(anna)
		w := ask(t, site(l, p), "POST", "/issue", body, "Content-Type", "application/x-www-form-urlencoded")
		came := l.arrivals()
		if (w.Code == http.StatusSeeOther) != (len(came) == 1) {
			t.Fatalf("%d, %d came", w.Code, len(came))
		}
		if len(came) == 0 {
			return
		}
		a := came[0]
		if !regexp.MustCompile(`^/visit/[A-Za-z0-9_-]{22}$`).MatchString(w.Header().Get("Location")) {
			t.Fatalf("leads to %q", w.Header().Get("Location"))
		}
		all := 0
		check := func(s string, limit int) {
			all += len(s)
			if !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit || strings.TrimSpace(s) != s {
				t.Fatalf("%q came", s)
			}
			for _, r := range s {
				if unicode.IsControl(r) && r != '\n' || r >= '\u202a' && r <= '\u202e' {
					t.Fatalf("%q came", s)
				}
			}
		}
		check(a.Name, settings.MaxNamed)
		check(a.Company, settings.MaxNamed)
		check(a.CompanyCode, settings.MaxNamed)
		check(a.Description, settings.MaxCustom)
		for _, f := range a.Fields {
			check(f.Value, settings.MaxCustom)
		}
		if !visible(a.Name) || all > settings.MaxFilled || !slices.Contains([]string{"team:3", "general", "rep:12"}, a.Queue) {
			t.Fatalf("%+v came", a)
		}
	})
}

// FuzzHost: whatever a browser calls this server, a portal answers, and the name
// does not get into its page as anything but text.
func FuzzHost(f *testing.F) {
	for _, host := range []string{"help.test", "[::1]:4443", "", "a..b", "<script>", "x\r\ny", strings.Repeat("a", 300)} {
		f.Add(host)
	}
	h := site(nil, plain())
	f.Fuzz(func(t *testing.T, host string) {
		w := ask(t, h, "GET", "/download", "", "Host", host, "User-Agent", "none")
		if w.Code != 200 || !strings.Contains(w.Body.String(), "Söhne") {
			t.Fatalf("%d", w.Code)
		}
		if strings.ContainsAny(host, `<>"'&`+"\r\n") && host != "" && strings.Contains(w.Body.String(), host+"/download") {
			t.Fatalf("%q in\n%s", host, w.Body)
		}
	})
}

func TestTimeIsToldAsEachLanguageTellsIt(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 5, 0, 0, time.UTC)
	for lang, want := range map[string]string{
		"en": "on Thursday, 26 November, at 09:05", "en-GB": "on Thursday, 26 November, at 09:05",
		"de": "am Donnerstag, dem 26. November, um 09:05 Uhr", "fr": "le jeudi 26 novembre à 09 h 05",
		"ar": "يوم الخميس 26 نوفمبر الساعة 09:05", "he": "2026-11-26 09:05", "": "2026-11-26 09:05", "english": "2026-11-26 09:05",
	} {
		if got := words.Opens(lang, at); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

func TestWhereNothingCanBeginNobodyIsAskedHow(t *testing.T) {
	p := plain()
	p.Starts = settings.Starts{}
	page := ask(t, site(newFake(), p), "GET", "/", "").Body.String()
	if !strings.Contains(page, "Nobody can be reached through this page") || strings.Contains(page, "Choose how you would like to begin") {
		t.Errorf("it says\n%s", page)
	}
}
