package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/broker/lobby"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// maxForm is what the issue form may send, in bytes: settings.MaxFilled bytes of
// text, each written as three, with room for who writes too much and is told so.
const maxForm = 64 << 10

// The form's fields. An organisation's own begin with ownField.
const (
	fieldVisit       = "visit"
	fieldRep         = "rep"
	fieldChoice      = "about"
	fieldName        = "name"
	fieldCompany     = "company"
	fieldCompanyCode = "code"
	fieldDescription = "description"
	ownField         = "own-"
)

// What a choice begins with.
const (
	choiceIssue = "issue:"
	choiceRep   = "rep:"
)

// present are the reps who can be chosen.
func (v *visitor) present() []lobby.Present {
	if v.Lobby == nil || !v.portal.Starts.Reps {
		return nil
	}
	return v.Lobby.Present(v.portal.ID)
}

// rep begins a visit with the rep whom a visitor has chosen (row P02).
func (v *visitor) rep(w http.ResponseWriter, r *http.Request) {
	form, secret, ok := v.begin(w, r)
	if !ok {
		return
	}
	chosen := form.Get(fieldRep)
	again := func(status int, problem words.Sentence) {
		p := v.startPage()
		p.Wrong = true
		if p.Reps != nil {
			p.Reps.Problem = v.say.Say(problem)
		}
		v.showStart(w, r, status, p)
	}
	if !v.open() || !slices.ContainsFunc(v.present(), func(p lobby.Present) bool {
		return strconv.FormatUint(p.Rep, 10) == chosen
	}) {
		again(http.StatusConflict, words.PortalRepGone)
		return
	}
	v.come(w, r, secret, lobby.Arrival{Queue: choiceRep + chosen}, again)
}

// issue begins a visit with the issue form (row P05).
func (v *visitor) issue(w http.ResponseWriter, r *http.Request) {
	form, secret, ok := v.begin(w, r)
	if !ok {
		return
	}
	if !v.open() || !v.portal.Starts.Issues {
		v.showStart(w, r, http.StatusConflict, v.startPage())
		return
	}
	fields := v.fields(form)
	again := func(status int, problem words.Sentence) {
		p := v.startPage()
		p.Wrong, p.Issue, p.Visit = true, v.issueStart(fields), secret.String()
		if problem != "" {
			p.Issue.Problem = v.say.Say(problem)
		}
		v.showStart(w, r, status, p)
	}
	if !v.check(form, fields) {
		again(http.StatusUnprocessableEntity, "")
		return
	}
	v.come(w, r, secret, v.arrival(fields), func(status int, problem words.Sentence) {
		if i := slices.IndexFunc(fields, func(f web.Field) bool { return f.Name == fieldChoice }); i >= 0 && status == http.StatusConflict {
			fields[i].Problem, problem = v.say.Say(problem), ""
		}
		again(status, problem)
	})
}

func (v *visitor) open() bool {
	open, _ := v.portal.Hours.Open(v.now)
	return open
}

// begin reads a form that begins a visit. Who sends the same form once more, by
// a second click or by going back, is taken to the visit that it has begun.
func (v *visitor) begin(w http.ResponseWriter, r *http.Request) (url.Values, secret, bool) {
	if !v.posted(w, r) {
		return nil, secret{}, false
	}
	form, ok := web.ReadForm(w, r, maxForm)
	if !ok {
		return nil, secret{}, false
	}
	one, ok := parseSecret(form.Get(fieldVisit))
	if !ok || len(form[fieldVisit]) != 1 || v.Lobby == nil {
		web.Fail(w, r, http.StatusBadRequest, words.PageUnclear)
		return nil, secret{}, false
	}
	_, begun, err := v.Lobby.Standing(one.page())
	if err != nil { // a second visit of the same customer may come of it
		w.Header().Set("Retry-After", "60")
		web.Fail(w, r, http.StatusServiceUnavailable, words.PortalBusy)
		return nil, secret{}, false
	}
	if begun {
		http.Redirect(w, r, one.path(), http.StatusSeeOther)
		return nil, secret{}, false
	}
	return form, one, true
}

// fields are those of the issue form, with what was filled in.
func (v *visitor) fields(form url.Values) []web.Field {
	optional := v.say.Say(words.PortalOptional)
	own := v.portal.Form
	fields := []web.Field{
		{Name: fieldName, Label: v.say.Say(words.PortalName), Required: true, Max: settings.MaxNamed, Complete: "name"},
		{Name: fieldCompany, Label: v.say.Say(words.PortalCompany), Optional: optional, Max: settings.MaxNamed, Complete: "organization"},
	}
	if choice, ok := v.choice(form.Get(fieldChoice)); ok {
		fields = slices.Insert(fields, 0, choice)
	}
	if own.CompanyCode {
		fields = append(fields, web.Field{
			Name: fieldCompanyCode, Label: v.say.Say(words.PortalCompanyCode), Optional: optional, Max: settings.MaxNamed, Complete: "off",
		})
	}
	for _, f := range own.Fields {
		one := web.Field{Name: ownField + f.ID, Label: v.portal.Localized(f.Names, v.lang), Required: f.Required, Max: settings.MaxCustom}
		if !f.Required {
			one.Optional = optional
		}
		fields = append(fields, one)
	}
	fields = append(fields, web.Field{
		Name: fieldDescription, Kind: "textarea", Label: v.say.Say(words.PortalDescription), Optional: optional,
		Hint: v.say.Say(words.PortalDescribe), Max: settings.MaxCustom,
	})
	for i := range fields {
		fields[i].Value = clean(form.Get(fields[i].Name), fields[i].Kind == "textarea")
	}
	return fields
}

// choice is the field of what it is about: the organisation's issues, and the
// reps who are here. Where there is nothing to choose there is no field, and
// everybody is in the general queue.
func (v *visitor) choice(chosen string) (web.Field, bool) {
	var topics, reps web.Group
	add := func(g *web.Group, value, label string) {
		g.Options = append(g.Options, web.Option{Value: value, Label: label, Chosen: value == chosen})
	}
	for _, issue := range v.portal.Issues {
		add(&topics, choiceIssue+issue.ID, v.portal.Localized(issue.Names, v.lang))
	}
	for _, rep := range v.present() {
		add(&reps, choiceRep+strconv.FormatUint(rep.Rep, 10), rep.Name)
	}
	f := web.Field{Name: fieldChoice, Kind: "select", Label: v.say.Say(words.PortalChoice), Required: true}
	f.Options = []web.Option{{Label: v.say.Say(words.PortalPlease)}}
	switch {
	case len(topics.Options) == 0 && len(reps.Options) == 0:
		return f, false
	case len(reps.Options) == 0:
		f.Options = append(f.Options, topics.Options...)
	default:
		topics.Label, reps.Label = v.say.Say(words.PortalTopics), v.say.Say(words.PortalReps)
		f.Groups = []web.Group{topics, reps}
		if len(topics.Options) == 0 {
			f.Groups = f.Groups[1:]
		}
	}
	return f, true
}

// check puts what is wrong beside the fields, and says whether nothing is.
func (v *visitor) check(form url.Values, fields []web.Field) bool {
	all, longest, good := 0, 0, true
	for i := range fields {
		f := &fields[i]
		n := utf8.RuneCountInString(f.Value)
		typed := form[f.Name]
		switch {
		case len(typed) > 1 || len(typed) == 1 && !utf8.ValidString(typed[0]):
			f.Problem = v.say.Say(words.PortalUnreadable)
		case f.Kind == "select" && f.Value == "":
			f.Problem = v.say.Say(words.PortalChoose)
		case f.Kind == "select" && !f.Has(f.Value):
			f.Problem = v.say.Say(words.PortalRepGone)
		case f.Required && !visible(f.Value):
			f.Problem = v.say.Say(words.PortalEmpty)
		case f.Max > 0 && n > f.Max:
			f.Problem = v.say.Say(words.PortalTooLong, f.Max, n)
		}
		good = good && f.Problem == ""
		all += len(f.Value)
		if len(f.Value) > len(fields[longest].Value) {
			longest = i
		}
	}
	if good && all > settings.MaxFilled {
		fields[longest].Problem, good = v.say.Say(words.PortalTooMuch), false
	}
	return good
}

// arrival is what fields without a problem say. Reps read names of issues and
// fields in the organisation's own language.
func (v *visitor) arrival(fields []web.Field) lobby.Arrival {
	a := lobby.Arrival{Queue: settings.General}
	for _, f := range fields {
		switch f.Name {
		case fieldChoice:
			if id, ok := strings.CutPrefix(f.Value, choiceIssue); ok {
				issue, _ := v.portal.Issue(id)
				a.Issue = v.portal.Called(issue.Names)
				if issue.Team != 0 {
					a.Queue = settings.TeamQueue(issue.Team)
				}
			} else {
				a.Queue = f.Value
			}
		case fieldName:
			a.Name = f.Value
		case fieldCompany:
			a.Company = f.Value
		case fieldCompanyCode:
			a.CompanyCode = f.Value
		case fieldDescription:
			a.Description = f.Value
		}
	}
	for _, own := range v.portal.Form.Fields {
		for _, f := range fields {
			if f.Name == ownField+own.ID && f.Value != "" {
				a.Fields = append(a.Fields, wire.VisitorField{Name: v.portal.Called(own.Names), Value: f.Value})
			}
		}
	}
	return a
}

// visible says whether there is anything to see in a text.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Mn, unicode.Other_Default_Ignorable_Code_Point)
	})
}

// clean makes text of what was sent: without what can't be seen and could hide
// what is there, such as marks that turn the direction of writing. Several lines
// stay lines where there may be some.
func clean(s string, lines bool) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n', r == '\t', r == '\r', unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
