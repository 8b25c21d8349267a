package admin

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"handrail/broker/chromium"
	"handrail/broker/people"
	"handrail/broker/settings"
)

// TestTheWayOfTheFirstAdministrator walks in a real browser from the code of
// the command over the second factor, a person, a team and a role to the log
// (rows A01, A02, A04, K01).
func TestTheWayOfTheFirstAdministrator(t *testing.T) {
	h := newHouse(t)
	h.rule(func(p *settings.People) {
		p.OIDC = &settings.OIDC{Name: "Grüner Zweig ID", Issuer: "https://id.example.org", ClientID: "x"}
	})
	const code = "7K2PX-0M4QD-ZZT18-ABCDE"
	h.must(h.store.AddFirst(t.Context(), people.CodeHash(code), h.now, h.now.Add(time.Hour)))
	w := chromium.Open(t, h.frame.Origin)
	w.Authenticator()

	w.Go("/login/people")
	w.Wait("#f-mail")
	w.Looks("in")
	w.Follow(`a[href="/login/first"]`)
	w.Looks("first")
	w.Type("#f-code", strings.ToLower(code))
	w.Follow("main button")
	w.Type("#f-name", "Olga Ölmann")
	w.Type("#f-mail", "olga@example.org")
	w.Type("#f-new", good)
	w.Type("#f-again", other)
	w.Follow("main button")
	looksRefused(t, w, "first-wrong")
	w.Type("#f-new", good)
	w.Type("#f-again", good)
	w.Follow("main button")
	w.WaitText("You are an owner of this organisation now.")
	w.Looks("overview")

	w.Follow(`.note a.button`) // the second factor
	w.Type(`[name="password"]`, good)
	w.Looks("setup")
	w.Follow(`main form:not([data-passkey]) button`)
	w.Click("details summary")
	w.Looks("setup-scan")
	secret := strings.ReplaceAll(w.Text("p.mono"), " ", "")
	now, err := totp.GenerateCode(secret, h.clock())
	h.must(err)
	w.Type("#f-code", now)
	w.Follow(`main form button`)
	w.WaitText("This is the only time")
	codes := regexp.MustCompile(`[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}`).FindAllString(w.Text(".codes"), -1)
	if len(codes) != 10 {
		t.Errorf("codes %v", codes)
	}
	w.Follow("main a.button")
	w.WaitText("Your authenticator app is asked for its code.")

	w.Type(`[data-passkey] [name="name"]`, "Grüner Schlüssel")
	w.Type(`[data-passkey] [name="password"]`, good)
	w.Follow(`[data-passkey] button`)
	w.WaitText("The passkey was added.")
	w.Looks("account")

	w.Go("/login/people")
	w.Looks("people-one")
	w.Follow(".do a.button")
	w.Looks("person-new")
	w.Type("#f-name", "Rudi")
	w.Type("#f-private", "Rudolf Maier-Leibnitz von der langen Zeile")
	w.Type("#f-mail", "olga@example.org")
	w.Follow("main form button")
	w.WaitText("Somebody has this mail address already.")
	looksRefused(t, w, "person-wrong")
	chromium.Eval[string](w, `document.querySelector("#f-mail").value = ""`)
	w.Type("#f-mail", "rudi@example.org")
	w.Follow("main form button")
	w.WaitText("Send this link to Rudi")
	w.Looks("link")
	link := chromium.Eval[string](w, `document.querySelector(".all").value`)
	w.Follow("main a.button")
	w.Looks("person")

	w.Go("/login/teams")
	w.Looks("teams-none")
	w.Follow(".empty a.button")
	w.Type("#f-name", "Second line")
	w.Looks("team-new")
	w.Follow("main .buttons button")
	w.WaitText("The team was added.")
	w.Click(`[name="add"][value="2"]`)
	w.Follow("main .buttons button")
	w.WaitText("Saved.")
	w.Looks("team")
	w.Go("/login/teams")
	w.Looks("teams")

	w.Go("/login/roles")
	w.Looks("roles")
	w.Follow(".do a.button")
	w.Type("#f-name", "Auditor")
	w.Click(`[value="audit.read"]`)
	w.Follow("main .buttons button")
	w.WaitText("The role was added.")
	w.Looks("role")
	w.Go("/login/people/2")
	chromium.Eval[bool](w, `(document.querySelector("select[name=role]").value = "auditor") === "auditor"`)
	w.Follow(".line button")
	w.WaitText("The role was given.")
	w.Looks("person-role")

	w.Go("/login/audit")
	w.WaitText("Gave a role")
	w.Looks("audit")
	w.Follow(".do a.button")
	w.WaitText("The log holds")
	w.Looks("audit-check")
	w.Go("/login/queues")
	w.Looks("queues")
	w.Go("/login/revoke")
	w.Looks("revoke")
	w.Go("/login/roles/nothing")
	w.WaitText("There is nothing here")
	w.Said() // that it was not found

	// Out, and in again: with the passkey alone, then with a code after the password.
	w.Follow(".out button")
	w.WaitText("You have signed out.")
	w.Follow("[data-passkey] button")
	w.WaitText("Hello, Olga Ölmann")
	w.Follow(".out button")
	h.pass(time.Minute)
	signsIn(w, "olga")
	w.WaitText("One more step")
	w.Looks("factor")
	w.Type("#f-code", codes[0])
	w.Follow("main form button")
	w.WaitText("Hello, Olga Ölmann")

	// The rep who was invited sees the same without scripts.
	w.Follow(".out button")
	w.Scripts(false)
	w.Go(strings.TrimPrefix(link, h.frame.Origin))
	w.Looks("invited-role") // somebody with a role needs two administrators
	_, err = h.store.Change(t.Context(), 1, people.TakeRole{Rep: 2, Role: "auditor"}, h.clock())
	h.must(err)
	w.Go(strings.TrimPrefix(link, h.frame.Origin))
	w.Looks("invited")
	w.Scripts(true) // typing needs them, in this version of the driver
	w.Go(strings.TrimPrefix(link, h.frame.Origin))
	w.Type("#f-new", good)
	w.Type("#f-again", good)
	w.Follow("main form button")
	signsIn(w, "rudi")
	w.Looks("rep-overview")
	w.Go("/login/people")
	looksRefused(t, w, "refused")
	if o, err := h.store.Organisation(t.Context()); err != nil || o.Teams[1].Members[2] != people.Member {
		t.Errorf("kept %+v, %v", o, err)
	}
}

// TestA01ALostPasswordComesBackWithAPasskey: a passkey is a second factor like
// an app, and there is no code of it.
func TestA01ALostPasswordComesBackWithAPasskey(t *testing.T) {
	h, anna, _, _ := resetHouse(t)
	tom := h.person(1, "Tom")
	w := chromium.Open(t, h.frame.Origin)
	w.Authenticator()
	w.Go("/login/account")
	signsIn(w, "tom")
	w.Type(`[data-passkey] [name="name"]`, "Key")
	w.Type(`[data-passkey] [name="password"]`, good)
	w.Follow(`[data-passkey] button`)
	w.WaitText("The passkey was added.")
	w.Follow(".out button")

	toms := h.link(anna.post("/login/people/" + strconv.FormatUint(tom, 10) + "/reset"))
	rudis := h.link(anna.post("/login/people/2/reset"))
	w.Go(toms)
	w.Looks("reset-passkey")
	if text := w.Text("main"); strings.Contains(text, "app") {
		t.Errorf("who has no app is asked for its code: %s", text)
	}

	// With somebody else's link the passkey opens nothing.
	chromium.Eval[string](w, `document.querySelector("[data-passkey] [name=link]").value = "`+strings.TrimPrefix(rudis, "/login/reset/")+`"`)
	w.Click(`[data-passkey] button`)
	w.WaitText("The passkey was not accepted")
	w.Said()
	h.want("another one's link", h.browser().get(rudis), http.StatusOK, "give the code of your authenticator app")

	w.Go(toms)
	w.Follow(`[data-passkey] button`)
	w.WaitText("Choose a new password for Tom")
	w.Type("#f-new", other)
	w.Type("#f-again", other)
	w.Follow("main form button")
	w.WaitText("The password is saved.")
	h.want("the passkey stays", h.browser().post("/login/in", "mail", "tom@example.org", "password", other), http.StatusSeeOther, "/login/factor")
}

func TestK01ARepLooksAtAConsoleBeforeLettingItIn(t *testing.T) {
	h := newHouse(t)
	h.owner()
	h.asks("7K2P-X0M4", "192.0.2.9")
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/console/7K2P-X0M4")
	signsIn(w, "olga")
	w.WaitText("Does your console show this code?")
	w.WaitText("Somewhere else than this browser")
	w.Looks("console")
	w.Size(390, 800)
	w.Click("a.menu")
	w.Wait("#menu .close")
	w.Shot("menu-phone-light")
	w.Check("menu")
	w.Click("#menu .close")
	w.Size(1280, 900)
	w.Follow("main form button")
	w.WaitText("The console is logged in as you.")
	w.Looks("console-allowed")
	w.Go("/login/console")
	w.Type("#f-code", "nothing")
	w.Follow("main form button")
	looksRefused(t, w, "console-code")
}

func TestK01ThePageWarnsBeforeTheLogOut(t *testing.T) {
	h := newHouse(t)
	h.owner()
	h.rule(func(p *settings.People) { p.IdleMinutes = 1 })
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/in")
	signsIn(w, "olga")
	// The server's clock goes on; the page believes the server.
	h.pass(45 * time.Second)
	w.Go("/login/people/1")
	h.pass(45 * time.Second)
	chromium.Eval[bool](w, `document.dispatchEvent(new Event("visibilitychange"))`)
	w.Wait("dialog[open]")
	w.Looks("idle")
	w.Click("dialog button")
	w.Wait("body:not(:has(dialog[open])) h1")
	h.pass(45 * time.Second)
	if b := h.in("olga"); b.get("/login/").status != http.StatusOK {
		t.Error("another browser is out")
	}
	h.pass(time.Minute)
	chromium.Eval[int](w, `setTimeout(() => document.dispatchEvent(new Event("visibilitychange")))`)
	w.Wait(".door #f-mail")
	w.WaitText("You have been signed out")
}

func TestK01WhoGoesOnTypingStaysSignedInHoweverShortTheTimeIs(t *testing.T) {
	h := newHouse(t)
	h.owner()
	h.rule(func(p *settings.People) { p.IdleMinutes = 1 })
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/in")
	signsIn(w, "olga")
	w.Go("/login/people/1")
	h.pass(50 * time.Second)
	chromium.Eval[bool](w, `(() => { // 20 seconds later, for the page
		const [now, send] = [Date.now, fetch];
		Date.now = () => now() + 20000;
		window.fetch = async (...what) => { const got = await send(...what); document.body.dataset.told = got.status; return got; };
		return document.dispatchEvent(new Event("keydown", { bubbles: true }));
	})()`)
	w.Wait(`body[data-told="200"]`)
	h.pass(50 * time.Second)
	w.Go("/login/account")
	w.WaitText("Where you are signed in")
}

func TestAPersonSignsInAndOutWithTheKeyboardAlone(t *testing.T) {
	h := newHouse(t)
	h.owner()
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/in")
	if got := w.Tab(0); got != "f-mail" {
		t.Errorf("the focus is on %q", got)
	}
	w.Type("#f-mail", "olga@example.org")
	if got := w.Tab(1); got != "f-password" {
		t.Errorf("the focus is on %q", got)
	}
	w.Type("#f-password", good)
	w.Enter()
	w.WaitText("Hello, Olga")
	if got := w.Tab(1); got != "Go to the content" {
		t.Errorf("first comes %q", got)
	}
	for i := 0; w.Tab(1) != "Sign out"; i++ {
		if i > 30 {
			t.Fatal("the button isn't reached")
		}
	}
	w.Enter()
	w.WaitText("You have signed out.")
}

func TestTheDoorsPagesBeginWhereSomebodyTypes(t *testing.T) {
	h := newHouse(t)
	const code = "7K2PX-0M4QD-ZZT18-ABCDE"
	h.must(h.store.AddFirst(t.Context(), people.CodeHash(code), h.now, h.now.Add(time.Hour)))
	w := chromium.Open(t, h.frame.Origin)
	begins := func(want string) {
		t.Helper()
		w.Wait("#" + want)
		if got := w.Tab(0); got != want {
			t.Errorf("the focus is on %q, not on %q", got, want)
		}
	}
	w.Go("/login/first")
	begins("f-code")
	w.Type("#f-code", code)
	w.Enter()
	begins("f-name")
	w.Type("#f-name", "Olga")
	for id, text := range map[string]string{"f-mail": "olga@example.org", "f-new": good, "f-again": other} {
		w.Type("#"+id, text)
	}
	w.Enter()
	begins("problems") // and nobody has to look for what is wrong
	w.Type("#f-new", good)
	w.Type("#f-again", good)
	w.Enter()
	w.WaitText("You are an owner of this organisation now.")
	w.Go("/login/console")
	begins("f-code")
}

// signsIn fills the form of the sign-in that is shown, and sends it.
func signsIn(w *chromium.Window, who string) {
	w.Type("#f-mail", who+"@example.org")
	w.Type("#f-password", good)
	w.Follow("main form button")
}

// looksRefused is Looks for a page whose status says no, which the browser
// complains about.
func looksRefused(t *testing.T, w *chromium.Window, name string) {
	t.Helper()
	for _, said := range w.Said() {
		if !strings.Contains(said, "status of 4") {
			t.Errorf("%s: the browser says: %s", name, said)
		}
	}
	w.Looks(name)
}
