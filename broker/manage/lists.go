package manage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// languages are those that a portal's own texts are asked for: the offered
// ones, and others that some text has already.
func languages(p settings.Portal) []string {
	all := slices.Clone(p.Offered())
	more := func(texts map[string]string) {
		for l := range texts {
			if !slices.Contains(all, l) {
				all = append(all, l)
			}
		}
	}
	for _, i := range p.Issues {
		more(i.Names)
	}
	for _, f := range p.Form.Fields {
		more(f.Names)
	}
	for _, q := range slices.Concat(p.Survey, p.RepSurvey) {
		more(q.Texts)
	}
	slices.Sort(all[len(p.Offered()):])
	return all
}

// listed makes the items of a list.
func listed[T any](list string, all []T, one func(at int, name string, x T) item) []item {
	items := make([]item, 0, len(all))
	for i, x := range all {
		place := func(i int) string { return list + "." + strconv.Itoa(i) }
		it := one(i, place(i)+".", x)
		it.At, it.First, it.Last, it.List = i, i == 0, i == len(all)-1, list
		it.Place, it.Above, it.Below = place(i), place(i-1), place(i+1)
		items = append(items, it)
	}
	return items
}

func hidden(name, value string) web.Field { return web.Field{Name: name, Value: value} }

// freeID is an ID that nothing has, for good: one that was removed does not
// come back as another thing.
func freeID(now time.Time, taken func(uint64) bool) uint64 {
	id := uint64(max(now.Unix(), 1)) & (1<<32 - 1)
	for taken(id) {
		id++
	}
	return id
}

// freeName is the first of issue-1, issue-2 … that nothing has.
func freeName(what string, taken func(string) bool) string {
	for n := 1; ; n++ {
		if id := fmt.Sprintf("%s-%d", what, n); !taken(id) {
			return id
		}
	}
}

func issuesSheet(p settings.Portal, f *sheet) {
	f.paths, f.lead = []string{"issues", "form"}, words.ManageIssuesLead
	f.read = func(in *input, s *settings.Settings) {
		edit(p.ID, func(p *settings.Portal) {
			asked := languages(*p)
			p.Issues, p.Form.Fields = nil, nil
			for i := range in.count("issues", settings.MaxIssues) {
				at := fmt.Sprintf("issues.%d.", i)
				p.Issues = append(p.Issues, settings.Issue{ID: in.text(at + "id"), Names: in.named(at+"names", asked), Team: in.id(at + "team")})
			}
			p.Form.CompanyCode = in.on("form.companyCode")
			for i := range in.count("form.fields", wire.MaxFields) {
				at := fmt.Sprintf("form.fields.%d.", i)
				p.Form.Fields = append(p.Form.Fields, settings.Field{
					ID: in.text(at + "id"), Names: in.named(at+"names", asked), Required: in.on(at + "required"),
				})
			}
		})(s)
	}
	f.change = func(s *settings.Settings, verb, list string, at int) {
		edit(p.ID, func(p *settings.Portal) {
			switch list {
			case "issues":
				p.Issues = rearrange(p.Issues, verb, at, func() settings.Issue {
					return settings.Issue{ID: freeName("issue", func(id string) bool { _, ok := p.Issue(id); return ok })}
				})
			case "form.fields":
				p.Form.Fields = rearrange(p.Form.Fields, verb, at, func() settings.Field {
					return settings.Field{ID: freeName("field", func(id string) bool {
						return slices.ContainsFunc(p.Form.Fields, func(f settings.Field) bool { return f.ID == id })
					})}
				})
			}
		})(s)
	}
	f.show = func(v *view) []group {
		p := v.s.Portals[p.ID]
		asked := languages(p)
		return []group{
			{
				Heading: say(words.TabIssues), Hint: say(words.ManageIssuesHint), List: "issues", Count: len(p.Issues),
				Add: say(words.ManageAddIssue), None: say(words.ManageNoIssues),
				Items: listed("issues", p.Issues, func(_ int, at string, x settings.Issue) item {
					return item{
						Name: p.Called(x.Names), Hidden: []web.Field{hidden(at+"id", x.ID)},
						Fields: append(v.named(at+"names", words.ManageIssueName, asked, x.Names),
							choose(v.field(at+"team", words.ManageIssueTeam, digits(x.Team)), v.teams(x.Team))),
					}
				}),
			},
			{
				Heading: say(words.ManageFormFields), Hint: say(words.ManageFormHint), List: "form.fields", Count: len(p.Form.Fields),
				Add: say(words.ManageAddField), None: say(words.ManageNoFields),
				Fields: []web.Field{v.check("form.companyCode", words.ManageCompanyCode, p.Form.CompanyCode, words.ManageCompanyCodeHint)},
				Items: listed("form.fields", p.Form.Fields, func(_ int, at string, x settings.Field) item {
					return item{
						Name: p.Called(x.Names), Hidden: []web.Field{hidden(at+"id", x.ID)},
						Fields: append(v.named(at+"names", words.ManageFieldName, asked, x.Names),
							v.check(at+"required", words.ManageNeeded, x.Required, "")),
					}
				}),
			},
		}
	}
}

// digits spell the number of a team, a rep or a token; none is empty.
func digits(id uint64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatUint(id, 10)
}

// teams are those that can be chosen, and the one that is.
func (v *view) teams(now uint64) []web.Option {
	options := []web.Option{{Value: "", Label: say(words.ManageChooseTeam)}}
	found := now == 0
	for _, t := range v.people.TeamsByName() {
		options = append(options, web.Option{Value: digits(t.ID), Label: t.Name})
		found = found || t.ID == now
	}
	if !found {
		options = append(options, web.Option{Value: digits(now), Label: say(words.ManageGoneTeam, now)})
	}
	return options
}

// surveySheet is for one of a portal's surveys: list is its name in a file of
// settings, of finds it.
func surveySheet(list string, lead words.Sentence, of func(*settings.Portal) *[]settings.Question) func(settings.Portal, *sheet) {
	return func(p settings.Portal, f *sheet) {
		f.paths, f.lead = []string{list}, lead
		editSurvey(p.ID, f, list, of)
		f.show = func(v *view) []group { return showSurvey(v, p.ID, list, of) }
	}
}

func editSurvey(portal string, f *sheet, list string, of func(*settings.Portal) *[]settings.Question) {
	var now time.Time
	f.read = func(in *input, s *settings.Settings) {
		now = in.now
		edit(portal, func(p *settings.Portal) {
			asked := languages(*p)
			questions := of(p)
			*questions = nil
			for i := range in.count(list, wire.MaxQuestions) {
				*questions = append(*questions, readQuestion(in, fmt.Sprintf("%s.%d.", list, i), asked))
			}
		})(s)
	}
	f.change = func(s *settings.Settings, verb, which string, at int) {
		edit(portal, func(p *settings.Portal) {
			if which == list {
				questions := of(p)
				*questions = rearrange(*questions, verb, at, func() settings.Question {
					return settings.Question{Form: wire.FormRating, ID: uint32(freeID(now, func(id uint64) bool {
						return slices.ContainsFunc(*questions, func(q settings.Question) bool { return uint64(q.ID) == id })
					}))}
				})
			}
		})(s)
	}
}

func showSurvey(v *view, portal, list string, of func(*settings.Portal) *[]settings.Question) []group {
	p := v.s.Portals[portal]
	questions := *of(&p)
	asked := languages(p)
	var forms []web.Option
	for n := wire.FormRating; n <= wire.FormText; n++ {
		forms = append(forms, web.Option{Value: strconv.Itoa(int(n)), Label: say(words.SurveyForm(int(n)))})
	}
	return []group{{
		List: list, Count: len(questions), Add: say(words.ManageAddQuestion), None: say(words.ManageNoQuestions),
		Items: listed(list, questions, func(i int, at string, q settings.Question) item {
			it := item{Name: say(words.ManageQuestion, i+1), Hidden: []web.Field{hidden(at+"id", strconv.FormatUint(uint64(q.ID), 10))}}
			it.Fields = append(v.named(at+"texts", words.ManageQuestionText, asked, q.Texts),
				choose(v.field(at+"form", words.ManageQuestionForm, strconv.Itoa(int(q.Form))), forms))
			for _, l := range asked {
				f := area(hinted(v.field(at+"options."+l, words.ManageOptions, options(q, l)), words.ManageOptionsHint), 3)
				if len(asked) > 1 {
					f.Label = say(words.ManageInLanguage, f.Label, words.LanguageName(l))
				}
				it.Fields = append(it.Fields, f)
			}
			it.Fields = append(it.Fields, v.check(at+"required", words.ManageAnswerNeeded, q.Required, ""))
			return it
		}),
	}}
}

func readQuestion(in *input, at string, asked []string) settings.Question {
	id, err := strconv.ParseUint(in.text(at+"id"), 10, 32)
	if err != nil {
		id = 0 // Check refuses it
	}
	q := settings.Question{ID: uint32(id), Texts: in.named(at+"texts", asked), Required: in.on(at + "required")}
	if form, err := strconv.ParseUint(in.text(at+"form"), 10, 8); err == nil {
		q.Form = wire.Form(form)
	}
	if q.Form != wire.FormOne && q.Form != wire.FormSome {
		return q // options that stayed in the form are of no use
	}
	for _, l := range asked {
		text := in.text(at + "options." + l)
		if text == "" {
			continue
		}
		for n, line := range strings.Split(text, "\n") {
			if n > wire.MaxOptions {
				break // one too many is enough to be told
			}
			if n == len(q.Options) {
				q.Options = append(q.Options, map[string]string{})
			}
			if line = strings.TrimSpace(line); line != "" {
				q.Options[n][l] = line
			}
		}
	}
	return q
}

// options are a question's options in a language, one a line.
func options(q settings.Question, language string) string {
	var lines []string
	for _, o := range q.Options {
		lines = append(lines, o[language])
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
