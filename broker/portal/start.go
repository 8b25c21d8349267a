package portal

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"handrail/broker/prose"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// startPage is what the start page shows. What is nil is not on.
type startPage struct {
	Welcome              string
	Intro                template.HTML
	ClosedTitle, OnlyKey string
	Closed               template.HTML // empty: open
	NoticesTitle         string
	Notices              []notice
	Key                  *keyStart
	Reps                 *repStart
	Issue                *issueStart
	NoStart, Phone       string
	HowTitle             string
	How                  []string
	WarnTitle, Warn      string
	Title                string // of the window
	Visit                string // the secret that a visit begun here will be known by
	Wrong                bool
}

type notice struct {
	Title string
	Text  template.HTML
}

type keyStart struct {
	Title, Intro, Field, Continue, Problem string
	Alone                                  bool // there is no other way to begin
}

type repStart struct {
	Title, Intro, None, Problem string
	Reps                        []choosable
}

// choosable is a rep whom a visitor can choose.
type choosable struct {
	ID   string
	Name string
}

type issueStart struct {
	Title, Intro, Send string
	Form               web.Form
	Fields             []web.Field
	Problem            string // that is of no field
}

func (v *visitor) start(w http.ResponseWriter, r *http.Request) {
	if web.Reads(w, r) {
		v.showStart(w, r, http.StatusOK, v.startPage())
	}
}

func (v *visitor) showStart(w http.ResponseWriter, r *http.Request, status int, p *startPage) {
	title := p.Title
	if p.Wrong {
		title = v.say.Say(words.PortalOops, title)
	}
	v.show(w, r, status, web.Sheet{Title: title, Template: "start", Data: p})
}

// startPage is the start page as it is before anybody did anything.
func (v *visitor) startPage() *startPage {
	p := &startPage{
		Title:     v.say.Say(words.PortalTitle, v.portal.Name),
		Welcome:   v.text(settings.Welcome, nil),
		Intro:     v.html(v.portal.Text(v.lang, settings.Intro), nil),
		HowTitle:  v.say.Say(words.PortalHowTitle),
		WarnTitle: v.say.Say(words.PortalWarnTitle), Warn: v.say.Say(words.PortalWarn, v.portal.Name),
		NoticesTitle: v.say.Say(words.PortalNotices),
		Visit:        newSecret(),
	}
	for _, n := range v.portal.Active(v.now) {
		p.Notices = append(p.Notices, notice{n.Title, v.html(n.Text, nil)})
	}
	on := v.portal.Starts
	open, next := v.portal.Hours.Open(v.now)
	if !open {
		p.ClosedTitle = v.say.Say(words.PortalClosed)
		p.Closed = v.html(v.portal.Text(v.lang, settings.Closed), map[string]string{"opens": v.opens(next)})
		on.Reps, on.Issues = false, false
		if on.Key {
			p.OnlyKey = v.say.Say(words.PortalOnlyKey)
		}
	}
	if on.Key {
		p.Key = &keyStart{
			Title: v.say.Say(words.PortalKeyTitle), Intro: v.say.Say(words.PortalIntro),
			Field: v.say.Say(words.PortalField), Continue: v.say.Say(words.PortalContinue),
		}
	}
	if on.Reps {
		p.Reps = v.repStart()
	}
	if on.Issues {
		p.Issue = v.issueStart(v.fields(nil))
	}
	if open && !on.Key && !on.Reps && !on.Issues {
		p.NoStart = v.say.Say(words.PortalNoStart, v.portal.Name)
	}
	if p.Key != nil {
		p.Key.Alone = p.Reps == nil && p.Issue == nil
	}
	v.explain(p)
	return p
}

// explain says what happens then, with the ways to begin that are on.
func (v *visitor) explain(p *startPage) {
	began := p.Key != nil || p.Reps != nil || p.Issue != nil
	if !began {
		return
	}
	opens := words.PortalHowOpen
	if !v.system.runs() {
		opens, p.Phone = words.PortalHowThere, v.say.Say(words.PortalPhone)
	}
	p.How = append(p.How, v.say.Say(opens))
	if p.Reps != nil || p.Issue != nil {
		p.How = append(p.How, v.say.Say(words.PortalHowWait))
	} else {
		p.How = append(p.How, v.say.Say(words.PortalHowSecret))
	}
	p.How = append(p.How, v.say.Say(words.PortalHowAsk))
}

func (v *visitor) repStart() *repStart {
	s := &repStart{Title: v.say.Say(words.PortalRepsTitle), Intro: v.say.Say(words.PortalRepsIntro)}
	for _, rep := range v.present() {
		s.Reps = append(s.Reps, choosable{strconv.FormatUint(rep.Rep, 10), rep.Name})
	}
	if len(s.Reps) == 0 {
		s.Intro, s.None = "", v.say.Say(words.PortalRepsNone)
	}
	return s
}

func (v *visitor) issueStart(fields []web.Field) *issueStart {
	return &issueStart{
		Title: v.say.Say(words.PortalIssueTitle), Intro: v.say.Say(words.PortalIssueIntro),
		Send: v.say.Say(words.PortalSend), Fields: fields,
		Form: web.Check(v.say.Say(words.PortalProblems), fields...),
	}
}

// numberProblem says what is wrong with a number.
func (p *startPage) numberProblem(v *visitor, problem words.Sentence) {
	p.Wrong = true
	if p.Key != nil {
		p.Key.Problem = v.say.Say(problem)
	}
}

// html is a text of the organisation's for a page.
func (v *visitor) html(text string, macros map[string]string) template.HTML {
	return prose.Parse(text).HTML(v.macros(macros))
}

// opens tells when the portal opens again, in its own time zone.
func (v *visitor) opens(next time.Time) string {
	if next.IsZero() {
		return v.say.Say(words.PortalLater)
	}
	zone, _ := next.Zone()
	if strings.ContainsAny(zone, "+-") { // a zone without a name of its own
		zone = "UTC" + zone
	}
	return words.Opens(v.lang, next) + " (" + zone + ")"
}
