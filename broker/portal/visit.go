package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/web"
	"handrail/shared/place"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// secret is what a visit's page is known by: who has its address sees the page.
// It stands in the path because a browser must find the page again after
// everything that people do to browsers, and in several windows at once. It
// tells nothing to other sites (no referrer), is good for one visit, and the
// lobby knows only its hash.
type secret [16]byte

// newSecret draws a secret, as it stands in a form.
func newSecret() string {
	var s secret
	rand.Read(s[:]) // never fails
	return s.String()
}

var secretCode = base64.RawURLEncoding.Strict()

func (s secret) String() string { return secretCode.EncodeToString(s[:]) }

// parseSecret reads what newSecret made: there is one spelling for each.
func parseSecret(text string) (s secret, ok bool) {
	if len(text) != secretCode.EncodedLen(len(s)) || strings.ContainsAny(text, "\r\n") {
		return secret{}, false
	}
	_, err := secretCode.Decode(s[:], []byte(text))
	return s, err == nil
}

func (s secret) page() [sha256.Size]byte { return sha256.Sum256(s[:]) }

func (s secret) path() string { return "/visit/" + s.String() }

// come gives a customer a place and leads to its page. again shows the form once
// more, with what is wrong.
func (v *visitor) come(w http.ResponseWriter, r *http.Request, s secret, a lobby.Arrival, again func(int, words.Sentence)) {
	from := web.From(r)
	if !v.starts.Take(from, v.now) {
		w.Header().Set("Retry-After", "60")
		again(http.StatusTooManyRequests, words.PageTooOften)
		return
	}
	a.Portal, a.Page, a.Locale, a.System, a.From = v.portal.ID, s.page(), v.lang, string(v.system), charged(from)
	_, err := v.Lobby.Come(r.Context(), a)
	switch {
	case err == nil:
		http.Redirect(w, r, s.path(), http.StatusSeeOther)
	case errors.Is(err, lobby.ErrNoQueue):
		again(http.StatusConflict, words.PortalRepGone)
	default:
		w.Header().Set("Retry-After", "60")
		again(http.StatusServiceUnavailable, words.PortalBusy)
	}
}

// charged is where a visitor comes from, as the lobby counts tries.
func charged(a netip.Addr) string {
	p := place.Of(a)
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// visitPage is what a visit's page shows.
type visitPage struct {
	Live  string // address of its stream; empty: nothing changes any more
	Said  string
	Part  template.HTML
	Title string
}

// standing is the part of a visit's page that changes.
type standing struct {
	Title, Said  string // of the window; for who can't see the page
	Heading      string
	Intro        string
	Message      []string
	Badge        string
	Phases       []phase
	PhasesName   string
	Open         string // the big button
	Address      template.URL
	Code         []string // in groups
	CodeHint     string
	Good         string // how long the code is good for
	Watch        string
	Steps        *steps
	Elsewhere    *elsewhere // instead of Open and Steps
	Another      *elsewhere // that it may be another computer
	Big          string     // of a position
	Estimate     string
	More, MoreTo string // where to go on
	Again        string
}

// phase is a part of the way.
type phase struct {
	Name       string
	Done, Here bool
}

// found is the visit that the address names. Its error means that nobody knows
// at the moment whether there is one.
func (v *visitor) found(r *http.Request) (secret, lobby.Standing, bool, error) {
	one, ok := parseSecret(r.PathValue("secret"))
	if !ok || v.Lobby == nil {
		return secret{}, lobby.Standing{}, false, nil
	}
	s, ok, err := v.Lobby.Standing(one.page())
	return one, s, ok && s.Portal == v.portal.ID, err
}

// visit is the page of a visit.
func (v *visitor) visit(w http.ResponseWriter, r *http.Request) {
	if !web.Reads(w, r) {
		return
	}
	one, s, ok, unknown := v.found(r)
	status, page := http.StatusOK, visitPage{}
	p := v.past()
	switch {
	case unknown != nil:
		status, p = http.StatusServiceUnavailable, v.unknown()
	case ok:
		p = v.standing(r, s)
	default:
		status = http.StatusNotFound
	}
	part, err := pages.Render("standing", p)
	if err != nil {
		panic(err) // a template of ours: the tests show each state
	}
	page.Part, page.Title = template.HTML(part), p.Title // of a template
	sheet := web.Sheet{Title: p.Title, Template: "visit", Data: &page}
	if unknown != nil || ok && s.State != lobby.Over {
		page.Live = one.path() + "/live"
		sheet.Scripts = []string{web.Static.URL("live.js")}
		sheet.Refresh = 5
	}
	v.show(w, r, status, sheet)
}

// live tells a visit's page how it stands, until that changes no more.
func (v *visitor) live(w http.ResponseWriter, r *http.Request) {
	one, _, ok, unknown := v.found(r)
	if !ok && unknown == nil {
		web.Missing(w, r)
		return
	}
	web.Stream(w, r, func(_ context.Context, e *web.Events) {
		changes, stop := v.Lobby.Watch(one.page())
		defer stop()
		for {
			now := *v
			now.now = v.Now()
			_, s, ok, unknown := now.found(r)
			if unknown != nil { // what the page shows stays until something is known
				if !e.Wait(changes) {
					return
				}
				continue
			}
			p := now.past()
			if ok {
				p = now.standing(r, s)
			}
			part, err := pages.Render("standing", p)
			if err != nil || e.Send("part", part) != nil {
				return
			}
			if !ok || s.State == lobby.Over {
				_ = e.Done() // who went needs no farewell
				return
			}
			if !e.Wait(changes) {
				return
			}
		}
	})
}

// past is the page of a visit that isn't there: it ended a while ago, or its
// code was never used, or there was none. Which of them is nobody's business.
func (v *visitor) past() *standing {
	p := &standing{
		Heading: v.say.Say(words.VisitPastTitle), Intro: v.say.Say(words.VisitPast),
		Again: v.say.Say(words.VisitAgain),
	}
	p.Title, p.Said = p.Heading, p.Heading
	return p
}

// unknown is the page of a visit while nobody knows how it stands.
func (v *visitor) unknown() *standing {
	p := &standing{Heading: v.say.Say(words.PageBusyTitle), Intro: v.say.Say(words.VisitUnknown)}
	p.Title, p.Said = p.Heading, p.Heading
	return p
}

// standing is what a visit's page shows of how it stands.
func (v *visitor) standing(r *http.Request, s lobby.Standing) *standing {
	p := &standing{PhasesName: v.say.Say(words.VisitPhases)}
	here := 0
	switch {
	case s.Away:
		v.away(p, s)
	case s.State == lobby.Expected:
		v.expected(r, p, s)
	case s.State == lobby.Asked:
		here = 1
		p.Heading, p.Intro = v.say.Say(words.VisitAskedTitle), v.say.Say(words.VisitAsked)
	case s.State == lobby.Waits:
		here = 1
		v.waits(p, s)
	case s.State == lobby.InSession:
		here = 2
		p.Heading, p.Intro = v.say.Say(words.VisitSessionTitle), v.say.Say(words.VisitSession)
	case s.State == lobby.Over:
		v.over(p, s)
	}
	if s.State != lobby.Over {
		p.Phases = v.phases(here)
	}
	if here > 0 {
		p.Badge = v.say.Say(words.VisitConnected)
	}
	if s.Message != "" {
		if s.State == lobby.Over {
			p.Intro = "" // the organisation has said it in its own words
		}
		p.Message = strings.Split(s.Message, "\n\n")
	}
	if to, host := onward(s.URL); to != "" {
		p.More, p.MoreTo = v.say.Say(words.VisitMore, host), to
	}
	p.Title = p.Heading
	p.Said = strings.TrimSpace(p.Badge + " " + p.Heading + ". " + p.Big)
	return p
}

// expected is the page while the program has not come.
func (v *visitor) expected(r *http.Request, p *standing, s lobby.Standing) {
	p.Heading, p.Intro = v.say.Say(words.VisitOpenTitle), v.say.Say(words.VisitOpenIntro)
	if v.code(p, s.Code) {
		p.Another = v.another(r, "/"+s.Code)
	}
	if left := s.Expires.Sub(v.now); left > time.Minute {
		p.Good = v.say.Say(words.VisitMinutes, int(left.Round(time.Minute)/time.Minute))
	} else if left > 0 {
		p.Good = v.say.Say(words.VisitMinute)
	}
	if p.Elsewhere = v.elsewhere(r, "/"+s.Code); p.Elsewhere != nil {
		p.Heading, p.Intro = v.say.Say(words.ElsewhereTitle), p.Elsewhere.Why
		p.CodeHint = v.say.Say(words.ElsewhereCode)
		return
	}
	how := v.steps(words.ProgramBack)
	p.Steps = &how
}

// code shows a code, if it is one, and where the visitor's own computer can be
// helped a button that opens the program with it.
func (v *visitor) code(p *standing, code string) bool {
	if !isPlace(code) {
		return false
	}
	p.Code = []string{code[:3], code[3:6], code[6:]}
	p.CodeHint, p.Watch = v.say.Say(words.VisitCode), v.say.Say(words.VisitWatch)
	if v.system.runs() {
		p.Open, p.Address = v.say.Say(words.LinkOpen), template.URL("handrail:"+code) // nine digits
	}
	return true
}

// away is the page of who waits and whose program is gone. It may come back by
// itself, or with the code where that still counts; else there is a new start.
func (v *visitor) away(p *standing, s lobby.Standing) {
	p.Heading, p.Intro = v.say.Say(words.VisitAwayTitle), v.say.Say(words.VisitAway)
	p.Again = v.say.Say(words.VisitAgain)
	v.code(p, s.Code)
}

// waits is the page of who waits in a queue.
func (v *visitor) waits(p *standing, s lobby.Standing) {
	p.Heading, p.Intro = v.say.Say(words.VisitWaitTitle), v.say.Say(words.VisitElsewhere)
	switch {
	case s.Position == 1:
		p.Big = v.say.Say(words.VisitNext)
	case s.Position > 1:
		p.Big = v.say.Say(words.VisitPosition, s.Position)
	}
	switch minutes := int((s.Estimate + time.Minute - 1) / time.Minute); {
	case minutes == 1:
		p.Estimate = v.say.Say(words.VisitEstimateOne)
	case minutes > 1:
		p.Estimate = v.say.Say(words.VisitEstimate, minutes)
	}
}

// over is the page after the end.
func (v *visitor) over(p *standing, s lobby.Standing) {
	p.Heading, p.Intro = v.say.Say(words.VisitOverTitle), v.say.Say(words.VisitThanks, v.portal.Name)
	p.Again = v.say.Say(words.VisitAgain)
	switch s.Why {
	case wire.EndNotAgreed:
		p.Heading, p.Intro = v.say.Say(words.VisitNeverTitle), v.say.Say(words.VisitNotAgreed)
	case wire.EndNeverMet:
		p.Heading, p.Intro = v.say.Say(words.VisitNeverTitle), v.say.Say(words.VisitNever)
	case wire.EndNobody:
		p.Heading, p.Intro = v.say.Say(words.VisitNobodyTitle), ""
	case wire.EndNotVerified, wire.EndWrongSecret:
		p.Intro = v.say.Say(words.VisitNotVerified, v.portal.Name)
	case wire.EndByBroker:
		p.Heading, p.Intro = v.say.Say(words.VisitPastTitle), v.say.Say(words.VisitStopped, v.portal.Name)
	case wire.EndLost:
		p.Intro = v.say.Say(words.VisitLost)
	}
}

func (v *visitor) phases(here int) []phase {
	var all []phase
	for i, name := range []words.Sentence{words.LinkOpen, words.VisitPhaseWait, words.VisitPhaseHelp} {
		all = append(all, phase{v.say.Say(name), i < here, i == here})
	}
	return all
}

// onward is where an organisation sends customers, and its host for people.
func onward(address string) (to, host string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "", ""
	}
	return u.String(), u.Hostname()
}
