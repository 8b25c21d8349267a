package portal

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/settings"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// begun begins a visit and gives its secret.
func begun(t *testing.T, h http.Handler) secret {
	t.Helper()
	text := newSecret()
	w := ask(t, h, "POST", "/rep", sent(map[string]string{"visit": text, "rep": "12"}))
	s, ok := parseSecret(text)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != s.path() || !ok {
		t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	return s
}

func TestVisitsPageShowsHowItStands(t *testing.T) {
	l := newFake(anna)
	h := site(l, full())
	s := begun(t, h)
	for name, c := range map[string]struct {
		standing lobby.Standing
		agent    string
		want     []string
		not      []string
	}{
		"expected": {
			lobby.Standing{State: lobby.Expected, Code: "482913507", Expires: noon.Add(9*time.Minute + 40*time.Second)},
			agentLinux,
			[]string{`href="handrail:482913507"`, "<span>482</span> <span>913</span> <span>507</span>", "10 more minutes", "/live", `http-equiv="refresh"`},
			[]string{string(words.VisitConnected)},
		},
		"expected, on a telephone": {
			lobby.Standing{State: lobby.Expected, Code: "482913507", Expires: noon.Add(30 * time.Second)},
			"iPhone",
			[]string{"<span>482</span>", "one more minute", ">help.test<wbr>/482913507<", string(words.ElsewhereTitle), string(words.ElsewherePhone), `aria-label="A picture for cameras. It says help.test/482913507"`},
			[]string{`href="handrail:`, string(words.AnotherTitle)},
		},
		"expected, on something unknown": {
			lobby.Standing{State: lobby.Expected, Code: "482913507"},
			"",
			[]string{string(words.ElsewhereOther), `<svg class="picture"`},
			[]string{string(words.ElsewherePhone), `href="handrail:`},
		},
		"expected, with another computer in need": {
			lobby.Standing{State: lobby.Expected, Code: "482913507"},
			agentLinux,
			[]string{string(words.AnotherTitle), ">help.test<wbr>/482913507<"},
			[]string{`<svg class="picture"`},
		},
		"expected, with a bad code": {
			lobby.Standing{State: lobby.Expected, Code: "javascript"},
			agentLinux,
			[]string{string(words.VisitOpenTitle)},
			[]string{"handrail:", "javascript"},
		},
		"asked": {
			lobby.Standing{State: lobby.Asked},
			agentLinux,
			[]string{string(words.VisitAskedTitle), string(words.VisitConnected)},
			nil,
		},
		"waiting": {
			lobby.Standing{State: lobby.Waits, Position: 3, Estimate: 61 * time.Second},
			agentLinux,
			[]string{"You are number 3 in the queue.", "about 2 minutes"},
			[]string{string(words.VisitNext)},
		},
		"waiting, the program is gone": {
			lobby.Standing{State: lobby.Waits, Position: 3, Away: true, Code: "482913507"},
			agentLinux,
			[]string{string(words.VisitAwayTitle), `href="handrail:482913507"`, "<span>482</span>", `id="again"`, "/live"},
			[]string{string(words.VisitConnected), "number 3", string(words.VisitWaitTitle)},
		},
		"asked, the program is gone for good": {
			lobby.Standing{State: lobby.Asked, Away: true},
			agentLinux,
			[]string{string(words.VisitAwayTitle), `id="again"`},
			[]string{"handrail:", string(words.VisitConnected), string(words.VisitAskedTitle)},
		},
		"waiting, the program is gone from elsewhere": {
			lobby.Standing{State: lobby.Waits, Away: true, Code: "482913507"},
			"iPhone",
			[]string{string(words.VisitAwayTitle), "<span>482</span>"},
			[]string{`href="handrail:`},
		},
		"waiting, nothing told": {
			lobby.Standing{State: lobby.Waits},
			agentLinux,
			[]string{string(words.VisitWaitTitle)},
			[]string{"number", "minute"},
		},
		"waiting, nobody there": {
			lobby.Standing{State: lobby.Waits, Message: "Nobody <b>is</b> here.\n\nWrite to us.", URL: "https://help.test/mail"},
			agentLinux,
			[]string{"Nobody &lt;b&gt;is&lt;/b&gt; here.", "Write to us.", `href="https://help.test/mail"`, "Go on to help.test"},
			nil,
		},
		"in a session": {
			lobby.Standing{State: lobby.InSession}, agentLinux, []string{string(words.VisitSessionTitle), "/live"}, nil,
		},
		"over": {
			lobby.Standing{State: lobby.Over, Why: wire.EndByCustomer},
			agentLinux,
			[]string{string(words.VisitOverTitle), "Thank you for coming to", string(words.VisitAgain)},
			[]string{"/live", `http-equiv="refresh"`},
		},
		"over, elsewhere": {
			lobby.Standing{State: lobby.Over, Why: wire.EndByRep, URL: "javascript:alert(1)"},
			agentLinux,
			[]string{string(words.VisitOverTitle)},
			[]string{"javascript", string(words.VisitMore[:8])},
		},
		"not agreed":   {lobby.Standing{State: lobby.Over, Why: wire.EndNotAgreed}, agentLinux, []string{string(words.VisitNotAgreed)}, nil},
		"nobody":       {lobby.Standing{State: lobby.Over, Why: wire.EndNobody, Message: "Later."}, agentLinux, []string{string(words.VisitNobodyTitle), "Later."}, nil},
		"never met":    {lobby.Standing{State: lobby.Over, Why: wire.EndNeverMet}, agentLinux, []string{string(words.VisitNeverTitle), string(words.VisitNever)}, []string{string(words.VisitOverTitle), string(words.VisitLost)}},
		"stopped":      {lobby.Standing{State: lobby.Over, Why: wire.EndByBroker}, agentLinux, []string{string(words.VisitPastTitle), "has ended everything that was going on here"}, []string{string(words.VisitLost)}},
		"lost":         {lobby.Standing{State: lobby.Over, Why: wire.EndLost}, agentLinux, []string{string(words.VisitLost)}, nil},
		"not verified": {lobby.Standing{State: lobby.Over, Why: wire.EndNotVerified}, agentLinux, []string{"could not be made sure"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c.standing.Portal = settings.Main
			l.now(s.page(), &c.standing)
			w := ask(t, h, "GET", s.path(), "", "User-Agent", c.agent)
			page := w.Body.String()
			if w.Code != 200 || !strings.Contains(w.Header().Get("X-Robots-Tag"), "noindex") {
				t.Errorf("%d %v", w.Code, w.Header())
			}
			for _, part := range c.want {
				if !strings.Contains(page, strings.ReplaceAll(part, "'", "&#39;")) {
					t.Errorf("no %q in\n%s", part, page)
				}
			}
			for _, part := range append(c.not, "%!", "<no value>", "ZgotmplZ") {
				if strings.Contains(page, part) {
					t.Errorf("%q in\n%s", part, page)
				}
			}
		})
	}
}

func TestVisitOfAnotherPortalIsNotShown(t *testing.T) {
	other := full()
	other.ID, other.Hosts = "other", []string{"other.test"}
	h := site(newFake(anna), full(), other)
	s := begun(t, h)
	if w := ask(t, h, "GET", s.path(), "", "Host", "other.test"); w.Code != 404 {
		t.Error(w.Code)
	}
	if w := ask(t, h, "GET", s.path(), ""); w.Code != 200 {
		t.Error(w.Code)
	}
}

// FuzzSecret: a secret has one spelling, and only secrets are read.
func FuzzSecret(f *testing.F) {
	for _, s := range []string{newSecret(), "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAA AAAA", "../../../../../etc/pas", "\nAAAAAAAAAAAAAAAAAAAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := parseSecret(text); ok && s.String() != text {
			t.Fatalf("%q is read as %q", text, s)
		}
	})
}

// live is the stream of a visit's page, line by line, until the test ends.
func live(t *testing.T, h http.Handler, visit secret) *bufio.Scanner {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+visit.path()+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", agentLinux)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return bufio.NewScanner(answer.Body)
}

// TestStreamFollowsTheVisit reads a visit's stream as a browser does.
func TestStreamFollowsTheVisit(t *testing.T) {
	l := newFake(anna)
	h := site(l, full())
	visit := begun(t, h)
	lines := live(t, h, visit)
	until := func(text string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), text) {
				return
			}
		}
		t.Fatalf("the stream ends before %q", text)
	}
	until(string(words.VisitOpenTitle))
	l.now(visit.page(), &lobby.Standing{State: lobby.Waits, Position: 1, Portal: settings.Main})
	until(string(words.VisitNext))
	l.now(visit.page(), nil)
	until(string(words.VisitPastTitle))
	until("event: done")
	for lines.Scan() {
		if lines.Text() != "" && lines.Text() != "data: " {
			t.Errorf("%q after the end", lines.Text())
		}
	}
}

func TestAVisitThatNobodyKnowsOfAtTheMomentIsNotOver(t *testing.T) {
	l := newFake(anna)
	h := site(l, full())
	visit := begun(t, h)
	l.blinds(errors.New("no connection"))
	w := ask(t, h, "GET", visit.path(), "")
	page := w.Body.String()
	if w.Code != 503 || !strings.Contains(page, string(words.PageBusyTitle)) || strings.Contains(page, string(words.VisitPastTitle)) ||
		!strings.Contains(page, visit.path()+"/live") {
		t.Errorf("%d\n%s", w.Code, page)
	}
	if w := ask(t, h, "POST", "/rep", sent(map[string]string{"visit": newSecret(), "rep": "12"})); w.Code != 503 || len(l.arrivals()) != 1 {
		t.Errorf("perhaps a second visit: %d", w.Code)
	}

	lines := live(t, h, visit)
	l.blinds(nil)
	l.now(visit.page(), &lobby.Standing{State: lobby.Waits, Position: 1, Portal: settings.Main})
	for lines.Scan() {
		if strings.Contains(lines.Text(), string(words.VisitPastTitle)) {
			t.Fatal("the page is over")
		}
		if strings.Contains(lines.Text(), string(words.VisitNext)) {
			return
		}
	}
	t.Error("the stream has ended")
}

func TestProgramsAreThereForTheirSystems(t *testing.T) {
	programs := fstest.MapFS{
		"handrail-linux.tar.gz":     {Data: []byte("linux")},
		"handrail-linux.tar.gz.sig": {Data: []byte("signature")},
		"handrail-windows.exe":      {Data: []byte("windows")},
		"secret.txt":                {Data: []byte("secret")},
		"handrail-macos":            {Mode: 0o755 | 1<<31}, // a folder
	}
	all := settings.Settings{Portals: map[string]settings.Portal{settings.Main: plain()}}
	h := New(Config{Settings: func() settings.Settings { return all }, Programs: programs, Now: func() time.Time { return noon }})
	for path, want := range map[string]string{
		"/download/handrail-linux.tar.gz": "linux", "/download/handrail-windows.exe": "windows",
		"/download/handrail-linux.tar.gz.sig": "", "/download/secret.txt": "", "/download/handrail-macos": "", "/download/.": "",
	} {
		w := ask(t, h, "GET", path, "")
		if want == "" {
			if w.Code == 200 {
				t.Errorf("%s is given away", path)
			}
			continue
		}
		if w.Code != 200 || w.Body.String() != want || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") ||
			w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %q %v", path, w.Code, w.Body, w.Header())
		}
	}
	for agent, want := range map[string]string{
		agentLinux: "Unpack handrail-linux.tar.gz", "Windows NT": "Open the file handrail-windows.exe", "Macintosh": "is not on this site",
	} {
		if page := ask(t, h, "GET", "/download", "", "User-Agent", agent).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s: no %q in\n%s", agent, want, page)
		}
	}
	if page := ask(t, h, "GET", "/482913", "").Body.String(); !strings.Contains(page, `href="/download"`) {
		t.Error("the page of a key does not lead to the program")
	}
}
