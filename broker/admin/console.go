package admin

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

// consoleAsks is what the page of a console that asks for a login shows.
type consoleAsks struct {
	talk
	Code, Computer string
	Where          string
	Elsewhere      bool // not where this browser is
	Open           bool // it still waits
	Path           string
}

// consoleCodePage asks for a code, for those whose console couldn't open the
// browser.
func (f *Frame) consoleCodePage(v *visit) { v.showConsoleCode(http.StatusOK, "", "") }

func (v *visit) showConsoleCode(status int, typed, problem string) {
	v.show(status, web.Page{
		Title: v.say.Say(words.AdminConsoleTitle), Section: -1, Lead: v.say.Say(words.AdminConsoleLead), Template: "console-code",
		Data: struct {
			talk
			Code web.Field
		}{v.talk, web.Field{Name: "code", Label: v.say.Say(words.AdminConsoleCode), Value: typed, Problem: problem, Required: true, Max: 32, Focus: true}},
	})
}

// consoleCode goes to the page of a code. Asking is no try at guessing: whoever
// is signed in can do nothing with another one's code but let that one in.
func (f *Frame) consoleCode(v *visit) {
	typed := v.form.Get("code")
	code := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	if _, err := f.Store.PairByCode(v.ctx(), people.CodeHash(code), v.now); err != nil || strings.Trim(code, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		v.showConsoleCode(http.StatusUnprocessableEntity, typed, v.say.Say(words.AdminNoConsole))
		return
	}
	v.seeOther("/login/console/"+code, "")
}

func (f *Frame) consolePage(v *visit) {
	pair, err := f.Store.PairByCode(v.ctx(), people.CodeHash(v.r.PathValue("code")), v.now)
	if err != nil && !errors.Is(err, people.ErrNoPair) {
		v.fail(err)
		return
	}
	v.showConsole(http.StatusOK, pair, "")
}

// showConsole shows who asks. The code is in the address: it is no secret, but
// shows that this page and the console mean each other.
func (v *visit) showConsole(status int, pair people.Pair, problem string) {
	s := consoleAsks{talk: v.talk, Code: strings.ToUpper(v.r.PathValue("code")), Computer: pair.Computer, Path: v.r.URL.EscapedPath()}
	p := web.Page{Title: v.say.Say(words.AdminConsoleTitle), Section: -1, Template: "console", Problem: problem}
	mine := pair.Rep == v.rep.ID
	switch {
	case pair.State == people.PairWaiting:
		s.Open = true
		s.Where, s.Elsewhere = v.where(pair.From)
		p.Lead = v.say.Say(words.AdminConsoleAsks)
	case pair.State == people.PairAllowed && mine:
		p.Done = v.say.Say(words.AdminConsoleAllowed)
	case pair.State == people.PairRefused && mine:
		p.Done = v.say.Say(words.AdminConsoleRefused)
	default:
		if problem == "" {
			p.Problem = v.say.Say(words.AdminConsoleOver)
		}
		if status == http.StatusOK {
			status = http.StatusNotFound
		}
	}
	p.Data = s
	v.show(status, p)
}

// where says where a console is, as seen from this browser. Somebody may send a
// rep a link to a console of his own: that one is elsewhere.
func (v *visit) where(from string) (string, bool) {
	a, err := netip.ParseAddr(from)
	mine := web.From(v.r)
	switch {
	case err == nil && neighbourhood(a.Unmap()) == neighbourhood(mine):
		return v.say.Say(words.AdminWhereHere), false
	case err == nil && a.Unmap().IsLoopback():
		return v.say.Say(words.AdminWhereServer), true
	case err == nil && a.Unmap().IsPrivate() && mine.IsPrivate():
		return v.say.Say(words.AdminWhereNetwork), false
	}
	return v.say.Say(words.AdminWhereElse), true
}

// answerConsole is the rep's yes or no.
func (f *Frame) answerConsole(v *visit) {
	do := v.form.Get("do")
	if do != "allow" && do != "refuse" {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	err := f.Store.AnswerPair(v.ctx(), people.CodeHash(v.r.PathValue("code")), v.rep.ID, do == "allow", v.now)
	switch {
	case errors.Is(err, people.ErrNoPair): // by a second click, or too late: the page says which
		http.Redirect(v.w, v.r, v.r.URL.EscapedPath(), http.StatusSeeOther)
	case errors.Is(err, people.ErrOthersConsole):
		v.showConsole(http.StatusConflict, people.Pair{State: people.PairOver}, v.say.Say(words.AdminOthersConsole))
	case err != nil:
		v.fail(err)
	default:
		http.Redirect(v.w, v.r, v.r.URL.EscapedPath(), http.StatusSeeOther)
	}
}
