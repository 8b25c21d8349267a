package admin

import (
	"bytes"
	"encoding/hex"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"handrail/broker/people"
	"handrail/broker/settings"
)

func TestK01ChangingOnesPasswordNeedsTheOldOneAndEndsOtherBrowsers(t *testing.T) {
	h := newHouse(t)
	h.owner()
	b, elsewhere := h.in("olga"), h.in("olga")
	form := func(old, new, again string) answer {
		return b.post("/login/account/password", "password", old, "new", new, "again", again)
	}
	h.want("the old one wrong", form("wrong", other, other), http.StatusUnprocessableEntity, "This is not your password")
	h.want("short", form(good, "short", "short"), http.StatusUnprocessableEntity, "Too short")
	h.want("common", form(good, "passwordpassword", "passwordpassword"), http.StatusUnprocessableEntity, "guessed first")
	h.want("a name", form(good, "Grüner Zweig 2026", "Grüner Zweig 2026"), http.StatusUnprocessableEntity, "organisation's name")
	h.want("the same", form(good, good, good), http.StatusUnprocessableEntity, "that you have now")
	h.want("not the same", form(good, other, good), http.StatusUnprocessableEntity, "not the same")
	h.want("right", form(good, other, other), http.StatusSeeOther, "did=password")
	h.want("here", b.get("/login/account?did=password"), http.StatusOK, "The password is saved")
	h.want("elsewhere", elsewhere.get("/login/"), http.StatusSeeOther, "/login/in")
	h.want("the old one", h.browser().post("/login/in", "mail", "olga@example.org", "password", good), http.StatusUnprocessableEntity, "do not go together")
	for range 9 {
		form("wrong", other, other)
	}
	h.want("guessing", form(other, good, good), http.StatusUnprocessableEntity, "Please try again in")
}

func TestK01WhoMustDoSomethingDoesItFirst(t *testing.T) {
	h := newHouse(t)
	owner := h.owner()
	rudi := h.person(owner, "Rudi")
	_, err := h.store.Change(t.Context(), owner, people.SetRep{Rep: people.Rep{ID: rudi, PublicName: "Rudi", Mail: "rudi@example.org", MustChange: true}}, start)
	h.must(err)
	h.rule(func(p *settings.People) { p.NeedFactor = true })
	b := h.in("rudi")
	h.want("the password first", b.get("/login/"), http.StatusSeeOther, "/login/account/password")
	h.want("nothing else", b.post("/login/account/logins", "do", "others"), http.StatusSeeOther, "/login/account/password")
	h.want("the page", b.get("/login/account/password"), http.StatusOK, "before you go on")
	b.post("/login/account/password", "password", good, "new", other, "again", other)
	h.want("then the factor", b.get("/login/account"), http.StatusSeeOther, "/login/account/factor")
	h.want("the page", b.get("/login/account/factor"), http.StatusOK, "wants everybody to have a second factor")
	h.want("still out of reach", b.get("/login/console"), http.StatusSeeOther, "/login/account/factor")
	h.want("signing out", b.post("/login/out"), http.StatusSeeOther, "did=out")
}

func TestK01AnAppIsSetUpWithItsFirstCodeAndTakenAwayWithThePassword(t *testing.T) {
	h := newHouse(t)
	owner := h.owner()
	b := h.in("olga")
	h.want("a code before it began", b.post("/login/account/factor", "code", "123456"), http.StatusSeeOther, "/login/account/factor")
	h.want("no picture", b.get("/login/account/factor/qr.png"), http.StatusNotFound, "not there")
	h.want("without the password", b.post("/login/account/factor", "do", "begin", "password", "wrong"), http.StatusUnprocessableEntity, "not your password")
	h.want("begun", b.post("/login/account/factor", "do", "begin", "password", good), http.StatusSeeOther, "/login/account/factor")
	page := b.get("/login/account/factor")
	found := regexp.MustCompile(`<p class="mono">([A-Z2-7 ]+)</p>`).FindStringSubmatch(page.body)
	if found == nil {
		t.Fatal(main(page.body))
	}
	secret := strings.ReplaceAll(found[1], " ", "")
	picture := b.get("/login/account/factor/qr.png")
	if _, err := png.Decode(bytes.NewReader([]byte(picture.body))); err != nil || picture.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture: %v, %v", err, picture.header)
	}
	h.want("a wrong code", b.post("/login/account/factor", "code", "000000"), http.StatusUnprocessableEntity, "not the digits of now")
	h.want("it doesn't count yet", h.in("olga").get("/login/"), http.StatusOK, "Set up a second factor")
	code, err := totp.GenerateCode(secret, h.clock())
	h.must(err)
	got := b.post("/login/account/factor", "code", code)
	h.want("a right one", got, http.StatusOK, "the only time")
	codes := regexp.MustCompile(`<li>([0-9A-Z-]{17})</li>`).FindAllString(got.body, -1)
	if len(codes) != 10 || strings.Contains(h.dump(), codes[0]) || strings.Contains(h.dump(), secret) {
		t.Errorf("codes %v, or they are kept", codes)
	}
	h.want("no second look", b.get("/login/account/factor/qr.png"), http.StatusNotFound, "not there")
	h.want("not begun anew over it", b.post("/login/account/factor", "do", "begin", "password", good), http.StatusSeeOther, "/login/account")
	h.want("now it counts", h.browser().post("/login/in", "mail", "olga@example.org", "password", good), http.StatusSeeOther, "/login/factor")

	h.want("new codes with a wrong password", b.post("/login/account/factor/codes", "password", "wrong"), http.StatusUnprocessableEntity, "not your password")
	again := b.post("/login/account/factor/codes", "password", good)
	h.want("new codes", again, http.StatusOK, "the only time")
	if strings.Contains(again.body, codes[0]) {
		t.Error("the same codes")
	}
	h.want("taken away with a wrong password", b.post("/login/account/factor/drop", "password", "wrong"), http.StatusUnprocessableEntity, "not your password")
	h.want("taken away", b.post("/login/account/factor/drop", "password", good), http.StatusSeeOther, "did=factor-gone")
	if has, err := h.store.Credentials(t.Context(), owner); err != nil || has.HasFactor() {
		t.Errorf("it is still there: %+v, %v", has, err)
	}
}

func TestK01LoginsAndConsolesOfOnesOwnAreListedAndEnded(t *testing.T) {
	h := furnished(t)
	b, elsewhere, rudi := h.in("olga"), h.in("olga"), h.in("rudi")
	token := func(b *browser_) string {
		x := b.tokenOf()
		return hex.EncodeToString(x[:])
	}
	page := b.get("/login/account")
	h.want("the list", page, http.StatusOK, "This browser")
	if !page.has(token(elsewhere)) || page.has(token(rudi)) {
		t.Error("the list is not the own one")
	}
	b.post("/login/account/logins", "login", token(rudi))
	h.want("another one's", rudi.get("/login/"), http.StatusOK, "Hello")
	h.want("ended", b.post("/login/account/logins", "login", token(elsewhere)), http.StatusSeeOther, "did=ended")
	h.want("elsewhere", elsewhere.get("/login/"), http.StatusSeeOther, "/login/in")

	h.want("allowed", b.post("/login/console/7K2P-X0M4", "do", "allow"), http.StatusSeeOther, "/login/console/7K2P-X0M4")
	_, err := h.store.TakePair(t.Context(), console, h.clock(), h.clock().Add(time.Hour))
	h.must(err)
	h.want("a console", b.get("/login/account"), http.StatusOK, "LAPTOP-7")
	rudi.post("/login/account/consoles", "console", "1")
	if _, _, err := h.store.ConsoleLogin(t.Context(), console, h.clock()); err != nil {
		t.Errorf("another one's console: %v", err)
	}
	h.want("everywhere else", b.post("/login/account/logins", "do", "others"), http.StatusSeeOther, "did=ended")
	if _, _, err := h.store.ConsoleLogin(t.Context(), console, h.clock()); err == nil {
		t.Error("the console is logged in")
	}
	h.want("removed", b.post("/login/account/consoles", "console", "1"), http.StatusSeeOther, "did=console-gone")
	if b.get("/login/account").has("LAPTOP-7") {
		t.Error("the console is listed")
	}
}

func TestK01AConsoleIsLetInByItsRepAlone(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	h.want("by its code", b.post("/login/console", "code", " 7k2p x0m4 "), http.StatusSeeOther, "/login/console/7K2PX0M4")
	h.want("a wrong code", b.post("/login/console", "code", "7K2P-X0M5"), http.StatusUnprocessableEntity, "No console shows this code")
	h.want("the page", b.get("/login/console/7K2P-X0M4"), http.StatusOK, "At the same address as this browser")
	h.want("neither yes nor no", b.post("/login/console/7K2P-X0M4", "do", "maybe"), http.StatusBadRequest, "")
	h.want("no", b.post("/login/console/7K2P-X0M4", "do", "refuse"), http.StatusSeeOther, "/login/console/7K2P-X0M4")
	h.want("told", b.get("/login/console/7K2P-X0M4"), http.StatusOK, "The console was refused")
	h.want("yes after no", b.post("/login/console/7K2P-X0M4", "do", "allow"), http.StatusSeeOther, "/login/console/7K2P-X0M4")
	h.want("told again", b.get("/login/console/7K2P-X0M4"), http.StatusOK, "The console was refused")
	h.asks("AAAA-BBBB", "192.0.2.1")
	h.want("elsewhere", b.get("/login/console/AAAA-BBBB"), http.StatusOK, "Be careful")
	h.pass(people.PairLife)
	h.want("too late", b.get("/login/console/AAAA-BBBB"), http.StatusNotFound, "Nothing waits here")
	h.want("too late for a yes", b.post("/login/console/AAAA-BBBB", "do", "allow"), http.StatusSeeOther, "/login/console/AAAA-BBBB")
	h.asks("CCCC-DDDD", "10.1.2.3")
	b.post("/login/console/CCCC-DDDD", "do", "allow")
	rudi := h.in("rudi")
	h.want("another rep's yes", rudi.get("/login/console/CCCC-DDDD"), http.StatusNotFound, "Nothing waits here")
	_, err := h.store.TakePair(t.Context(), console, h.clock(), h.clock().Add(time.Hour))
	h.must(err)
	h.asks("EEEE-FFFF", "10.1.2.3")
	h.want("another rep's console", rudi.post("/login/console/EEEE-FFFF", "do", "allow"), http.StatusConflict, "belongs to somebody else")
}
