package portal

import (
	"html/template"
	"net/http"
	"strings"

	"handrail/broker/web"
	"handrail/shared/words"
)

// maxNumber is what the form of a number may send, in bytes: six digits with
// room for much white space.
const maxNumber = 1 << 10

// link is the page of one number.
type link struct {
	Heading, Intro, Open, Secret, Another string
	First, Second                         string // the number's two groups
	Address                               template.URL
	Missing, MissingWhy                   string
	Steps                                 []string
	Get                                   string // to the program, where there is one
}

// number takes the form to the page of the number in it. It is a POST, so that
// what a person types by mistake, the secret half above all, stays out of
// addresses, histories and logs.
func (v *visitor) number(w http.ResponseWriter, r *http.Request) {
	if !v.posted(w, r) {
		return
	}
	form, ok := web.ReadForm(w, r, maxNumber)
	if !ok {
		return
	}
	number, problem := readNumber(form.Get("number"))
	if problem != "" {
		s := v.startPage()
		s.numberProblem(v, problem)
		v.showStart(w, r, http.StatusUnprocessableEntity, s)
		return
	}
	http.Redirect(w, r, "/"+number, http.StatusSeeOther)
}

// readNumber reads six digits as people type them: in groups, with spaces,
// hyphens or dots.
func readNumber(typed string) (number string, problem words.Sentence) {
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '-', '.', '·', '\u00a0', '\u2007', '\u2009', '\u202f', '\u2010', '\u2011', '\u2013':
			return -1
		}
		return r
	}, typed)
	switch {
	case digits == "":
		return "", words.PortalNoNumber
	case isNumber(digits):
		return digits, ""
	case len(digits) > 6 && strings.Trim(digits, "0123456789") == "":
		return "", words.PortalTooMany
	}
	return "", words.PortalNotSix
}

func isNumber(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789") == ""
}

// other is the page of a number, or none.
func (v *visitor) other(w http.ResponseWriter, r *http.Request) {
	number := strings.TrimPrefix(r.URL.Path, "/")
	if !isNumber(number) || !v.portal.Starts.Key {
		web.Missing(w, r)
		return
	}
	if !web.Reads(w, r) {
		return
	}
	first, second := number[:3], number[3:]
	spaced := first + "\u00a0" + second
	page := link{
		Heading: v.say.Say(words.LinkHeading), Intro: v.say.Say(words.LinkIntro),
		Open: v.say.Say(words.LinkOpen), Secret: v.say.Say(words.LinkSecret),
		Another: v.say.Say(words.LinkAnother),
		First:   first, Second: second,
		Address: template.URL("handrail:" + number), // six digits, see above
		Missing: v.say.Say(words.LinkMissing), MissingWhy: v.say.Say(words.LinkMissingWhy),
	}
	if _, ok := v.file(); ok {
		page.Get = v.say.Say(words.ProgramPageTitle)
	} else {
		page.Steps = append(page.Steps, v.say.Say(words.LinkMissingAsk, v.portal.Name))
	}
	page.Steps = append(page.Steps, v.say.Say(words.LinkMissingType, spaced))
	v.show(w, r, http.StatusOK, web.Sheet{Title: v.say.Say(words.LinkTitle, spaced), Template: "link", Data: page})
}
