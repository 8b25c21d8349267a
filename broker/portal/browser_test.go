package portal

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"handrail/broker/chromium"
	"handrail/broker/lobby"
	"handrail/broker/settings"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// brand is a portal of another host name, changed.
func brand(host string, change func(*settings.Portal)) settings.Portal {
	p := full()
	p.ID, p.Hosts, p.Name = host, []string{host + ".localhost"}, "Contoso Support"
	change(&p)
	return p
}

// logo is a wide picture.
func logo(t *testing.T) []byte {
	t.Helper()
	i := image.NewRGBA(image.Rect(0, 0, 240, 80))
	for y := range 80 {
		for x := range 240 {
			i.Set(x, y, color.RGBA{uint8(x), 0x60, uint8(255 - x), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// brands are portals that look as different as portals can.
func brands(t *testing.T) []settings.Portal {
	return []settings.Portal{
		plain(),
		brand("full", func(p *settings.Portal) { p.Look.Logo = logo(t) }),
		brand("reps", func(p *settings.Portal) { p.Starts.Issues, p.Starts.Key, p.Notices = false, false, nil }),
		brand("shut", func(p *settings.Portal) { *p = closed(*p) }),
		brand("none", func(p *settings.Portal) { p.Starts = settings.Starts{} }),
		brand("yellow", func(p *settings.Portal) { p.Look.Colour = "#ffee00" }),
		brand("night", func(p *settings.Portal) { p.Look.Colour = "#0a0014" }),
		brand("long", func(p *settings.Portal) {
			p.Name = strings.Repeat("Donaudampfschifffahrtsgesellschaft", 2) + " & Söhne"
			p.Issues[0].Names["en"] = strings.Repeat("A very long name of an issue ", 6)
			word := strings.Repeat("Rindfleischetikettierung", 3)
			p.Notices = []settings.Notice{{ID: 1, Title: word, Text: word + "\n\n- " + word}}
		}),
		brand("german", func(p *settings.Portal) { p.Languages = []string{"en", "de"} }),
		brand("german-shut", func(p *settings.Portal) { *p = closed(*p); p.Languages = []string{"de"} }),
		brand("arabic", func(p *settings.Portal) {
			p.Name, p.Languages = "دعم كونتوسو", []string{"ar", "he", "en"}
			p.Texts = map[string]map[settings.TextName]string{
				"ar": {
					settings.Welcome: "احصل على المساعدة من {portal}",
					settings.Intro:   "اختر كيف تريد أن تبدأ. أنت تقرر ما يراه موظف الدعم، ويمكنك **إيقافه** في أي وقت.",
				},
				"he": {settings.Welcome: "קבלו עזרה מ{portal}"},
			}
			p.Issues = []settings.Issue{{ID: "a", Names: map[string]string{"ar": "البريد الإلكتروني", "en": "E-mail"}, Team: 1}}
			p.Notices = []settings.Notice{{ID: 1, Title: "صيانة", Text: "البريد بطيء اليوم. نحن **نعمل** على ذلك."}}
			p.Form = settings.Form{Fields: []settings.Field{{ID: "x", Names: map[string]string{"ar": "رقم الجهاز"}}}}
		}),
		brand("greek", func(p *settings.Portal) { p.Name, p.Languages = "Υποστήριξη Κοντόσο", []string{"el"} }),
	}
}

// serveBrands serves them, and tells how each one's address begins.
func serveBrands(t *testing.T, l *fake) (at func(host string) string) {
	t.Helper()
	all := settings.Settings{Portals: map[string]settings.Portal{}}
	for _, p := range brands(t) {
		all.Portals[p.ID] = p
	}
	url := chromium.Serve(t, New(Config{
		Settings: func() settings.Settings { return all }, Lobby: l, Now: func() time.Time { return noon },
		Programs: fstest.MapFS{"handrail-linux.tar.gz": {Data: []byte("program")}},
	}))
	return func(host string) string {
		if host == settings.Main {
			return url
		}
		return strings.Replace(url, "localhost", host+".localhost", 1)
	}
}

func TestEveryPageCanBeReadAndUsed(t *testing.T) {
	l := newFake(anna, ben, lobby.Present{Rep: 3, Name: strings.Repeat("Wolfeschlegelsteinhausenbergerdorff ", 2)})
	at := serveBrands(t, l)
	w := chromium.Open(t, at(settings.Main))
	for _, p := range []struct{ name, host, path string }{
		{"start", settings.Main, "/"},
		{"link", settings.Main, "/482913"},
		{"full", "full", "/"},
		{"reps", "reps", "/"},
		{"closed", "shut", "/"},
		{"no-start", "none", "/"},
		{"yellow", "yellow", "/"},
		{"night", "night", "/"},
		{"long", "long", "/"},
		{"arabic", "arabic", "/?lang=ar"},
		{"hebrew", "arabic", "/?lang=he"},
		{"mixed", "arabic", "/?lang=en"},
		{"german", "german", "/?lang=de"},
		{"german-closed", "german-shut", "/"},
		{"download", settings.Main, "/download"},
		{"code", "full", "/482913507"},
		{"code-german", "german", "/482913507?lang=de"},
		{"code-arabic", "arabic", "/482913507?lang=ar"},
		{"greek", "greek", "/"},
	} {
		w.Visit(at(p.host))
		w.Go(p.path)
		w.Looks(p.name)
	}
	w.Visit(at("full"))
	w.Go("/nothing")
	w.Said() // that there is no such page
	w.Looks("missing")
	w.Headers(map[string]any{"Sec-CH-UA-Platform": `"Android"`})
	for _, p := range []struct{ name, host, path string }{
		{"telephone", "full", "/"},
		{"telephone-link", "full", "/482913"},
		{"telephone-code-arabic", "arabic", "/482913507?lang=ar"},
		{"telephone-download", "greek", "/download"},
	} {
		w.Visit(at(p.host))
		w.Go(p.path)
		w.Looks(p.name)
	}
}

func TestP14AVisitOnATelephoneGoesOnAtAComputer(t *testing.T) {
	l := newFake(anna, ben)
	at := serveBrands(t, l)
	w := chromium.Open(t, at("full"))
	w.Headers(map[string]any{"Sec-CH-UA-Platform": `"Android"`})
	for n, p := range []struct{ name, host, lang string }{
		{"there", "full", "en"}, {"there-german", "german", "de"}, {"there-arabic", "arabic", "ar"}, {"there-greek", "greek", "el"},
	} {
		w.Visit(at(p.host))
		w.Go("/?lang=" + p.lang)
		w.Follow("button[name=rep][value='12']")
		w.Wait(".picture")
		w.Looks(p.name)
		address := w.Text(".address")
		if host := strings.TrimPrefix(at(p.host), "https://"); address != host+"/482913507" {
			t.Errorf("%s: it sends to %q", p.name, address)
		}
		page := l.arrivals()[n].Page
		l.now(page, &lobby.Standing{State: lobby.Waits, Position: 2, Portal: p.host}) // the program was opened there
		w.Wait(".big")
		if n := chromium.Eval[int](w, `document.querySelectorAll(".picture").length`); n != 0 {
			t.Error("the picture stays")
		}
	}
	w.Headers(map[string]any{"Sec-CH-UA-Platform": `"Linux"`})
	w.Visit(at("full"))
	w.Go("/")
	w.Follow("button[name=rep][value='12']")
	w.Click("#another summary")
	w.Wait("#another .address")
	w.Looks("another")
}

func TestP05WhatIsWrongStandsBesideTheFieldsAndIsHeardFirst(t *testing.T) {
	l := newFake(anna)
	at := serveBrands(t, l)
	w := chromium.Open(t, at("full"))
	w.Go("/")
	w.Type("#f-name", "Zoë")
	w.Type("#f-description", "It is broken.\nVery.")
	w.Follow("form[action='/issue'] button")
	w.Said() // the status of the answer
	w.Looks("errors")
	if id := chromium.Eval[string](w, `document.activeElement.id`); id != "problems" {
		t.Errorf("the focus is on %q, not on what is wrong", id)
	}
	for field, value := range map[string]string{"name": "Zoë", "description": "It is broken.\nVery."} {
		if got := chromium.Eval[string](w, `document.getElementById("f-`+field+`").value`); got != value {
			t.Errorf("%s is %q, not %q", field, got, value)
		}
	}
	for _, field := range []string{"about", "own-asset"} {
		if !chromium.Eval[bool](w, `document.getElementById("f-`+field+`").getAttribute("aria-invalid") === "true"`) {
			t.Errorf("%s has no mark", field)
		}
	}
	w.Click("#problems a")
	if id := chromium.Eval[string](w, `document.activeElement.id`); id != "f-about" {
		t.Errorf("the link in the list leads to %q", id)
	}
	chromium.Eval[string](w, `document.getElementById("f-about").value = "issue:mail"`)
	w.Type("#f-own-asset", "A-17")
	w.Follow("form[action='/issue'] button")
	w.Wait("#open")
	if came := l.arrivals(); len(came) != 1 || came[0].Name != "Zoë" || came[0].Queue != "team:3" {
		t.Errorf("came: %+v", came)
	}
}

func TestP14PageFollowsTheVisitByItself(t *testing.T) {
	l := newFake(anna, ben)
	w := chromium.Open(t, serveBrands(t, l)("full"))
	w.Dark(false)
	w.Go("/")
	w.Follow("button[name=rep][value='12']")
	w.Wait("#open")
	came := l.arrivals()
	if len(came) != 1 || came[0].Queue != "rep:12" || came[0].System != "Linux" {
		t.Fatalf("came: %+v", came)
	}
	if href := chromium.Eval[string](w, `document.getElementById("open").getAttribute("href")`); href != "handrail:482913507" {
		t.Errorf("the button opens %q", href)
	}
	w.Looks("visit-1-expected")
	page := came[0].Page
	for _, step := range []struct {
		name string
		text words.Sentence
		s    lobby.Standing
	}{
		{"visit-2-asked", words.VisitAsked, lobby.Standing{State: lobby.Asked}},
		{"visit-3-waiting", words.VisitPosition[:9], lobby.Standing{State: lobby.Waits, Position: 17, Estimate: 12 * time.Minute}},
		{"visit-4-next", words.VisitNext, lobby.Standing{State: lobby.Waits, Position: 1, Estimate: time.Minute}},
		{"visit-5-session", words.VisitSessionTitle, lobby.Standing{State: lobby.InSession}},
		{"visit-6-over", words.VisitOverTitle, lobby.Standing{
			State: lobby.Over, Why: wire.EndByRep, URL: "https://survey.test/how?was=it", Message: "Thank you.\n\nSee you.",
		}},
	} {
		step.s.Portal = "full"
		l.now(page, &step.s)
		w.WaitText(string(step.text))
		if title := w.Title(); title != w.Text("h1") {
			t.Errorf("%s: the window is called %q", step.name, title)
		}
		if said := w.Text("#said"); !strings.Contains(said, w.Text("h1")) {
			t.Errorf("%s: who listens hears %q", step.name, said)
		}
		w.Looks(step.name)
	}
	if href := chromium.Eval[string](w, `document.getElementById("more").href`); href != "https://survey.test/how?was=it" {
		t.Errorf("it goes on to %q", href)
	}
	l.now(page, nil)
	w.Go(w.Path())
	w.Said() // the status of the answer
	w.WaitText(string(words.VisitPastTitle))
	w.Looks("visit-7-past")
}

// TestPageThatIsRefusedItsStreamAsksAgain: a browser doesn't try a stream again
// that was refused.
func TestPageThatIsRefusedItsStreamAsksAgain(t *testing.T) {
	l := newFake(anna)
	h := site(l, full())
	s := begun(t, h)
	var refused atomic.Bool
	w := chromium.Open(t, chromium.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/live") && !refused.Swap(true) {
			l.now(s.page(), &lobby.Standing{State: lobby.InSession, Portal: settings.Main})
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		h.ServeHTTP(w, r)
	})))
	w.Go(s.path())
	w.WaitText(string(words.VisitSessionTitle))
}

func TestVisitNeedsNoScript(t *testing.T) {
	l := newFake(anna)
	w := chromium.Open(t, serveBrands(t, l)("full"))
	w.Scripts(false)
	w.Go("/")
	w.Follow("button[name=rep]")
	w.Wait("#open")
	l.now(l.arrivals()[0].Page, &lobby.Standing{State: lobby.Waits, Position: 2, Portal: "full"})
	w.Wait(".big") // the page asks again by itself
}

func TestKeyboardGoesThroughTheStartPage(t *testing.T) {
	w := chromium.Open(t, serveBrands(t, newFake(anna))("full"))
	w.Go("/")
	if at := w.Tab(1); at != string(words.PageSkip) {
		t.Errorf("first is %q, not the way past the head", at)
	}
	w.Shot("skip")
	var order []string
	for range 12 {
		order = append(order, w.Tab(1))
	}
	want := []string{"Contoso Support", "More", "number", "Continue", "Anna", "f-about", "f-name", "f-company", "f-code", "f-own-asset", "f-own-room", "f-description"}
	for i, is := range order {
		if is != want[i] {
			t.Fatalf("the tabulator goes %q, want %q", order, want)
		}
	}
	w.Shot("focus")
}
